"""Ready answers, and what they were made from."""
