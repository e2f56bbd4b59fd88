"""The nouns of screening."""

from tests.screening.plugin import install

__all__ = ["install"]
