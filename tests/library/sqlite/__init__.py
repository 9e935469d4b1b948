"""What is SQLite's alone: files, forks, chunks, clearing. The contract itself is proved in tests/contract."""
