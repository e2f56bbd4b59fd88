"""What a mail says, before it is written down as text and as HTML.

A `Text` that is a `Message` is said in the letter's language; any other stands as it is, and may be a stranger's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel import Locale
from babel.dates import format_date, get_datetime_format

from commentsvc.messages import ENGLISH, Message, catalogue_of
from commentsvc.model import SafeHtml, Site
from commentsvc.notifications.kind import Unsent
from commentsvc.settings import Settings

Text = str | Message


@dataclass(frozen=True, slots=True)
class Heading:
    """A line above what follows."""

    text: Text


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text of a paragraph or more; a blank line ends one."""

    text: Text


@dataclass(frozen=True, slots=True)
class Link:
    """An address to open, as a button; with *is_quiet* as a link in a line of its own."""

    url: str
    label: Text
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote: as text, and as our HTML without anything remote.

    `notes` are lines below it, such as the findings that moderators see; `links` come last.
    """

    author: str
    at: datetime
    text: str
    html: SafeHtml
    about: Text | None = None
    notes: Sequence[Text] = ()
    links: Sequence[Link] = ()


Block = Heading | Paragraph | Link | Comment


@dataclass(frozen=True, slots=True)
class Stop:
    """The links of a mail to an author: to stop this thread, to stop everything, and the one of the header.

    `one_click` (RFC 8058) stops everything with one POST; the other two lead to a page with a button.
    """

    thread: str | None
    everything: str
    one_click: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail to one receiver.

    :param about: its `X-Comments-Kind`.
    :param to: the address, as it is stored.
    :param language: a catalogue's name, such as `de` or `zh_Hant`.
    :param sender: the name under which it comes; see `name_of`.
    :param site: the site's slug; None where it is of none.
    :param thread: what is the same for all mails that a reader's program shows as one conversation.
    :param reason: why the receiver gets it; stands at the end.
    :param unsent: what is left out of it, as it is not public now.
    """

    about: str
    to: str
    language: str
    sender: str
    subject: Text
    blocks: Sequence[Block]
    site: str | None = None
    thread: str | None = None
    reason: Text | None = None
    stop: Stop | None = None
    unsent: Unsent | None = None


def name_of(site: Site | None, settings: Settings) -> str:
    """Under which name mail of *site* comes: its slug; of the default site the host of its pages."""
    if site is not None and site.slug != "default":
        return site.slug
    origin = site.origins[0] if site is not None and site.origins else settings.base_origin()
    return origin.partition("://")[2].removeprefix("www.")


def said(text: Text, language: str) -> str:
    """*text* in that language; a stranger's words in it are isolated where lines run from right to left."""
    if not isinstance(text, Message):
        return text
    return text.within(catalogue_of(language), isolated=direction_of(language) == "rtl")


def direction_of(language: str) -> str:
    """Where lines of that language run to: `ltr` or `rtl`."""
    return str(Locale.parse(language).text_direction)


def tag_of(language: str) -> str:
    """The tag (RFC 5646) of a catalogue's name."""
    return language.replace("_", "-")


def readable(moment: datetime, language: str) -> str:
    """A time in that language, as pages show it."""
    locale = "en_GB" if language == ENGLISH else language
    joined = str(get_datetime_format("medium", locale=locale))
    day = format_date(moment.date(), "long", locale)
    return joined.replace("{0}", f"{moment:%H:%M} UTC").replace("{1}", day)
