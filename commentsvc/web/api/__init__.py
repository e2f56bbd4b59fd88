"""The HTTP API: JSON and feeds."""
