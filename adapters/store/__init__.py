"""The store: facts in SQL, on SQLite or PostgreSQL, written in batches by one writer."""
