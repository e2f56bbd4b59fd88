"""Texts for people that can be said in another language later, where the reader's is known.

The domain says everything in English, and knows no reader; `web/languages.py` knows them. Both
find the same catalogues by the English text (GNU gettext); there is one in `translations` for each
language that the service speaks, English apart, in which everything is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from gettext import NullTranslations, translation
from pathlib import Path
from typing import Self

from babel import Locale, UnknownLocaleError

CATALOGUES = Path(__file__).parent / "translations"
ENGLISH = "en"
LONGEST_TAG = 35  # characters (RFC 5646 §4.4.1)
FSI, PDI = "\u2068", "\u2069"  # begin and end of what runs its own way (UAX #9)
_ENCODING = re.compile(r"[.@].*")


class Message(str):
    """An English text, with what it takes to say it in another language."""

    __slots__ = ("msgid", "number", "plural", "values")
    msgid: str
    plural: str
    number: int
    values: dict[str, object]

    def __new__(cls, msgid: str, plural: str = "", number: int = 1, /, **values: object) -> Self:
        """See `message` and `nmessage`."""
        english = msgid if number == 1 or not plural else plural
        text = super().__new__(cls, english % values if values else english)
        text.msgid, text.plural, text.number, text.values = msgid, plural, number, values
        return text

    def __str__(self) -> Self:
        """The message itself: `str()` of an error that holds one loses nothing."""
        return self

    def within(self, catalogue: NullTranslations, *, isolated: bool = False) -> str:
        """The text in the language of *catalogue*; its values *isolated* where they may run another way."""
        if self.plural:
            text = catalogue.ngettext(self.msgid, self.plural, self.number)
        else:
            text = catalogue.gettext(self.msgid)
        if not self.values:
            return text
        return text % (
            {name: f"{FSI}{value}{PDI}" for name, value in self.values.items()} if isolated else self.values
        )


def message(msgid: str, **values: object) -> Message:
    """An English text, its places `%(name)s` filled with *values*; catalogues are made of these calls."""
    return Message(msgid, **values)


def nmessage(singular: str, plural: str, number: int, **values: object) -> Message:
    """As `message`, where the words depend on *number*, which stands in the text as `%(number)s`."""
    return Message(singular, plural, number, number=number, **values)


@cache
def spoken() -> frozenset[str]:
    """The languages that the service speaks, as catalogues are named: `de`, `zh_Hant`."""
    return frozenset({ENGLISH, *(catalogue.parents[1].name for catalogue in CATALOGUES.glob("*/*/*.mo"))})


@cache
def catalogue_of(language: str) -> NullTranslations:
    """The catalogue of one of the languages `spoken`."""
    return translation("messages", CATALOGUES, [language], fallback=language == ENGLISH)


def best_of(tags: Iterable[str]) -> str:
    """The first of the language tags (RFC 5646) that the service speaks, else English."""
    bounded = (tag for tag in tags if len(tag) <= LONGEST_TAG)  # what is known of them is cached
    return next(filter(None, map(_known, bounded)), ENGLISH)


@lru_cache(maxsize=1024)
def _known(tag: str) -> str | None:
    # As systems write them, too: `de_DE`, `de_DE.UTF-8`, `sr_RS@latin`.
    subtags = _ENCODING.sub("", tag).replace("_", "-").split("-")
    # From the whole tag to its language alone (RFC 4647 §3.4), as far as CLDR knows them.
    shortened = ("-".join(subtags[:many]) for many in range(len(subtags), 0, -1))
    return next(filter(None, map(_catalogue_of, shortened)), None)


def _catalogue_of(tag: str) -> str | None:
    try:
        locale = Locale.parse(tag, sep="-")  # zh-TW is zh_Hant_TW, by what CLDR deems likely
    except (ValueError, UnknownLocaleError):
        return None
    names = (f"{locale.language}_{locale.script}", locale.language)
    return next((name for name in names if name in spoken()), None)
