"""In which language a reader is answered, and all that depends on it: words, dates, plurals.

What many share is in the language that its address names, else in English; what is for one reader
alone may be in the reader's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from gettext import NullTranslations
from itertools import chain

from babel import Locale
from babel.dates import format_date, get_datetime_format
from babel.numbers import format_decimal
from flask import Blueprint, Flask, Response, current_app, request
from flask_babel import Babel
from markupsafe import Markup, escape
from msgspec import json

from commentsvc.errors import FieldErrors, Invalid
from commentsvc.messages import CATALOGUES, ENGLISH, Message, best_of, catalogue_of

WORDED = frozenset({"text/html", "application/problem+json"})
SHARED = "pages.fragment"  # one of its answers is for all readers
NUMBERS = [*range(200), 1_000_000]  # among them is one for each plural rule of each language (CLDR)


class ForReaders(Blueprint):
    """Routes that answer in the language of their reader; all others answer programs and operators, in English."""


def install(app: Flask) -> None:
    """Teach *app* its languages."""
    Babel(app, configure_jinja=False, default_translation_directories=str(CATALOGUES), locale_selector=chosen)
    app.jinja_env.globals |= {"_": _written, "ngettext": _written_of_number}
    app.jinja_env.globals |= {"language": language, "direction": direction, "plurals": plurals}
    app.jinja_env.filters |= {"readable": readable, "number": number, "translated": _translated}
    app.before_request(_forget)
    app.after_request(_tell)


def is_for_readers(app: Flask, blueprint: str | None) -> bool:
    """Whether the blueprint of that name speaks its readers' languages."""
    return isinstance(app.blueprints.get(blueprint or ""), ForReaders)


def chosen() -> str:
    """The language of the answer to this request."""
    if request.blueprint is not None and not is_for_readers(current_app, request.blueprint):
        return ENGLISH
    accepted = [] if request.endpoint == SHARED else request.accept_languages.values()
    return best_of(chain([request.args.get("lang", "")], accepted))


@dataclass(frozen=True, slots=True)
class Language:
    """The language of an answer: its tag (RFC 5646), its catalogue, and what CLDR knows of it."""

    tag: str
    catalogue: NullTranslations
    locale: Locale


# A thread has hundreds of words to say. Flask's `g` would do, at twice the price of a word.
_language: ContextVar[Language | None] = ContextVar("language", default=None)


def _forget() -> None:
    _language.set(None)


def _of_answer() -> Language:
    chosen_language = _language.get()
    if chosen_language is None:
        chosen_language = _language_of(chosen())
        _language.set(chosen_language)
    return chosen_language


@cache
def _language_of(name: str) -> Language:
    """One of the languages that the service speaks."""
    locale = Locale.parse(name)
    return Language(str(locale).replace("_", "-"), catalogue_of(name), locale)


def language() -> str:
    """The tag of the answer's language."""
    return _of_answer().tag


def direction() -> str:
    """Where its lines run to: `ltr` or `rtl`."""
    return str(_of_answer().locale.text_direction)


def translated(text: str) -> str:
    """A text of the domain's in the answer's language."""
    if not isinstance(text, Message):
        return text
    return text.within(_of_answer().catalogue, isolated=direction() == "rtl")


def translated_errors(errors: FieldErrors) -> dict[str, list[str]]:
    """The same of each field's errors."""
    return {name: [translated(text) for text in texts] for name, texts in errors.items()}


def all_errors(refused: Invalid) -> str:
    """What is wrong with all fields, one after the other."""
    return " ".join(translated(text) for texts in refused.errors.values() for text in texts)


def named(text: Message, **values: object) -> Message:
    """A message of a table, with what stands in its places."""
    return Message(text.msgid, **values)


def plurals(singular: str, plural: str) -> str:
    """What a script says of a number, as JSON: by the name of each plural rule, with `#` for the number."""
    return json.encode(plural_forms(singular, plural)).decode()


def plural_forms(singular: str, plural: str) -> dict[str, str]:
    """The same before it is JSON."""
    answer = _of_answer()
    rule: Callable[[int], str] = answer.locale.plural_form
    return {
        rule(number): answer.catalogue.ngettext(singular, plural, number) % {"num": "#"} for number in NUMBERS
    }


def _written(text: str, **values: object) -> Markup:
    return _filled(_of_answer().catalogue.gettext(text), values)


def _written_of_number(singular: str, plural: str, number: int, **values: object) -> Markup:
    return _filled(_of_answer().catalogue.ngettext(singular, plural, number), {"num": number} | values)


def _translated(text: str, **values: object) -> str:
    """A text of a table in the answer's language; what it has places for is filled in here."""
    return _written(text, **values) if values else translated(text)


def _filled(text: str, values: Mapping[str, object]) -> Markup:
    # What is of a catalogue is trusted; the values are escaped, unless they are markup already.
    filled = text % {name: escape(value) for name, value in values.items()} if values else text
    return Markup(filled)  # noqa: S704


def number(value: float, decimals: int = 0) -> str:
    """A number for people, in groups of thousands."""
    pattern = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
    return str(format_decimal(value, pattern, _of_answer().locale))


def readable(moment: datetime) -> str:
    """A time for people, absolute, so that the same bytes serve every reader."""
    return _day(moment.date(), language()).format(f"{moment:%H:%M} UTC")


@lru_cache(maxsize=4096)
def _day(day: date, tag: str) -> str:
    """A day, with the place `{}` for the time, as the language joins them (CLDR)."""
    locale = "en_GB" if tag == ENGLISH else tag.replace("-", "_")
    joined = str(get_datetime_format("medium", locale=locale))
    return joined.replace("{0}", "{}").replace("{1}", format_date(day, "long", locale))


def _tell(response: Response) -> Response:
    has_words = response.mimetype in WORDED and response.status_code != 304
    of_nowhere = request.blueprint is None and response.mimetype == "text/html"  # the page of a 404
    if has_words and (of_nowhere or is_for_readers(current_app, request.blueprint)):
        response.headers["Content-Language"] = language()
    return response
