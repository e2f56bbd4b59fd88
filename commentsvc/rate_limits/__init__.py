"""What one client may do in a time: whom it is counted as, the windows, and where they are kept."""
