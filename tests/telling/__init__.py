"""How people are told of what happens."""
