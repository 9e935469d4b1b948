"""The SQL engine's own tests. The contract itself is proved in tests/contract."""
