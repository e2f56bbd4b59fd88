"""Long work: in steps, with a lease, progress and an end to it. A new kind is a new file and a line in `kinds`."""
