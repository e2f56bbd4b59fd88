"""commentsvc: a self-hosted comment section for publishers."""

__version__ = "0.2.0"
