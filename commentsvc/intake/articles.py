"""Article IDs: the publisher's own names, taken as they are after Unicode NFC."""

from __future__ import annotations

import unicodedata

from commentsvc.characters import has_surrogate, is_far_longer
from commentsvc.messages import message

LONGEST = 255  # characters after NFC
MAX_ARTICLES = 200  # of one request for counts: a page of a news site lists fewer


def read_article(raw: str) -> str:
    """Give the article ID that *raw* spells.

    :raises ValueError: it is none; the text says why.
    """
    if has_surrogate(raw):
        raise ValueError(message("An article ID must not hold an unpaired surrogate."))
    if is_far_longer(raw, LONGEST):
        raise _too_long(raw)
    article = unicodedata.normalize("NFC", raw)
    if not article or article.isspace():
        raise ValueError(message("An article ID must not be blank."))
    if "\0" in article:
        raise ValueError(message("An article ID must not hold a NUL character."))
    if len(article) > LONGEST:
        raise _too_long(article)
    return article


def _too_long(article: str) -> ValueError:
    return ValueError(
        message(
            "An article ID has at most %(most)s characters; this one has %(length)s.",
            most=LONGEST,
            length=len(article),
        )
    )
