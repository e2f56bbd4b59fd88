"""Article IDs: the publisher's own names, taken as they are after Unicode NFC."""

from __future__ import annotations

import unicodedata

from commentsvc.characters import has_surrogate, is_far_longer

LONGEST = 255  # characters after NFC
MAX_ARTICLES = 200  # of one request for counts: a page of a news site lists fewer


def read_article(raw: str) -> str:
    """Give the article ID that *raw* spells.

    :raises ValueError: it is none; the text says why.
    """
    if has_surrogate(raw):
        raise ValueError("An article ID must not hold an unpaired surrogate.")
    if is_far_longer(raw, LONGEST):
        raise ValueError(f"An article ID has at most {LONGEST} characters; this one has {len(raw)}.")
    article = unicodedata.normalize("NFC", raw)
    if not article or article.isspace():
        raise ValueError("An article ID must not be blank.")
    if "\0" in article:
        raise ValueError("An article ID must not hold a NUL character.")
    if len(article) > LONGEST:
        raise ValueError(f"An article ID has at most {LONGEST} characters; this one has {len(article)}.")
    return article
