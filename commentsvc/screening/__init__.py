"""Step 2: may a comment be public at once? Blocks, trust and the site's mode give a verdict."""
