"""What commentsvc is measured beside: one file each, which says how it is set up."""
