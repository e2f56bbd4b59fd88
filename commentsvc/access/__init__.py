"""Who may moderate, and how that is proven: accounts, passwords, sessions, API tokens."""
