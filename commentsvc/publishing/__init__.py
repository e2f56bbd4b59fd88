"""Step 4: the public face of a comment."""
