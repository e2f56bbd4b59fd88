"""Step 5: queue, audit log, accounts, API tokens, blocks."""
