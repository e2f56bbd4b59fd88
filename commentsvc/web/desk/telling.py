"""What a page says once, after a form led back to it."""

from __future__ import annotations

from flask import flash

from commentsvc.web.languages import translated

PLAIN = "message"  # the category that Flask gives what is flashed without one


def tell(text: str, category: str = PLAIN) -> None:
    """Have the next page say *text*, in the language of this answer, as the session keeps no more than words."""
    flash(translated(text), category)
