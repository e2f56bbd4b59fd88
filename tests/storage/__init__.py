"""The tables, the queries and the limits' storage."""
