"""Step 1: what was sent becomes a valid Submission, or an error for each field."""
