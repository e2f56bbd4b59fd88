"""How a process survives: who waits for what, and in which order."""
