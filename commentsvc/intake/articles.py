"""Article IDs: the publisher's own names, taken as they are after Unicode NFC."""

from __future__ import annotations

import unicodedata
from fnmatch import fnmatchcase

from commentsvc.messages import message
from commentsvc.model import Site
from commentsvc.unicode_text import has_surrogate, is_far_longer

LONGEST = 255  # characters after NFC
NO_SUCH_ARTICLE = message("This site has no such article, so nothing can be posted here.")
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


def read_pattern(raw: str) -> str:
    """Give the pattern of article IDs that *raw* spells: as in a shell, where `*` also stands for slashes.

    :raises ValueError: no article ID could match it; the text says why.
    """
    try:
        return read_article(raw)
    except ValueError:
        raise ValueError(f"a pattern of article IDs such as news/*, of 1 to {LONGEST} characters") from None


def is_article_of(site: Site, article: str) -> bool:
    """Whether *site* has such an article: its ID matches one of the site's patterns, if there are any."""
    return not site.articles or any(fnmatchcase(article, pattern) for pattern in site.articles)


def _too_long(article: str) -> ValueError:
    return ValueError(
        message(
            "An article ID has at most %(most)s characters; this one has %(length)s.",
            most=LONGEST,
            length=len(article),
        )
    )
