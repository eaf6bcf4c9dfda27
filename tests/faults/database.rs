//! PostgreSQL and SQLite that refuse, fall silent, are locked, or come back.
