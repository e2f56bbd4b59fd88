"""What a newcomer relies on: where things stand, how they are joined, and that the drawings are true."""
