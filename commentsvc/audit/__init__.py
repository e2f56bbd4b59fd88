"""What was done by whom: lines that are written with the deed, and never changed."""
