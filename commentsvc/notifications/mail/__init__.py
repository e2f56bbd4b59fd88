"""Mail: what a letter says, how it is written down, and how it is handed to a mail server."""
