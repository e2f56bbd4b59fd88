"""The moderators' desk, a file a page."""
