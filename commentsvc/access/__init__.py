"""Who may moderate, and how that is proven: accounts, permissions, passwords, second factors, invitations, sessions, API tokens."""
