"""Step 2: may a comment be public at once? A pipeline of checks gives findings, and these a verdict.

What a package with a check of its own imports stands here; see the entry-point group `commentsvc.checks`.
"""

from commentsvc.screening.check import Candidate, Check, Facts, Phase
from commentsvc.screening.finding import Finding

__all__ = ["Candidate", "Check", "Facts", "Finding", "Phase"]
