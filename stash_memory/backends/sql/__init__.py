"""The SQL engine: one for SQLite's file and for the databases that Django hands to the service."""
