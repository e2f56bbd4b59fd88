"""Tables, queries, migrations and the limits' storage: one module per family of tables."""
