"""How the service is set up where it runs."""
