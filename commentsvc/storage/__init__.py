"""Tables, queries and migrations: one module per family of tables."""
