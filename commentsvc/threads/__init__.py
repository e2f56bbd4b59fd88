"""Step 3: where a comment stands in its thread. Pure functions, no database."""
