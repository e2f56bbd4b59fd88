"""What reads XML, JSON and the like piece by piece, within bounds."""
