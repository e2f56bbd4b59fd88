"""The scripts that publishers embed, and those of the whole page and the desk, as `make scripts` made them small, with their styles within them."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from enum import StrEnum
from functools import cache
from importlib.resources import files

from commentsvc.messages import catalogue_of, message, spoken

DIGEST_CHARACTERS = 16  # of 64: enough to tell versions apart; who must be sure has the integrity
STYLES = '"/* styles */"'  # stands in a script for the text of its styles
WORDS = '"/* words */"'  # and in words.js for what the widget says itself, in all languages
BETWEEN = "|"

UNREAD = message("The comments could not be loaded.")
AGAIN = message("Try again")


class Script(StrEnum):
    """The scripts by their names."""

    EMBED = "embed"
    FOLLOW = "follow"
    LIVE = "live"
    WRITE = "write"
    PUBLISHER = "publisher"
    WORDS = "words"
    COUNT = "count"
    FRAME = "frame"
    DESK = "desk"


# What embed.js loads when it is needed; it has their digests.
PARTS = (Script.FOLLOW, Script.LIVE, Script.WRITE, Script.PUBLISHER, Script.WORDS)
SHEETS = {
    Script.EMBED: "comments.css",
    Script.FOLLOW: "follow.css",
    Script.LIVE: "live.css",
    Script.WRITE: "write.css",
}


@cache
def text_of(script: Script) -> str:
    """The script as it is sent."""
    text = _built(f"{script}.js")
    if sheet := SHEETS.get(script):
        text = text.replace(STYLES, _literal(_built(sheet).strip()), 1)
    if script is Script.WORDS:
        text = text.replace(WORDS, _literal(_words()), 1)
    if script is Script.EMBED:
        for part in PARTS:
            text = text.replace(f"/* {part} */", digest_of(part), 1)
    return text


def script_url(script: Script) -> str:
    """Where it lies for ever, under the service's base URL."""
    return f"{script}-{digest_of(script)}.js"


@cache
def digest_of(script: Script) -> str:
    """What its address changes by."""
    return hashlib.sha256(text_of(script).encode()).hexdigest()[:DIGEST_CHARACTERS]


def integrity_of(script: Script) -> str:
    """By which a page makes sure that it gets this script and no other (W3C Subresource Integrity)."""
    return "sha384-" + b64encode(hashlib.sha384(text_of(script).encode()).digest()).decode()


def _words() -> str:
    """What the widget says where nothing came, not even the language: after the tag (RFC 5646) of each.

    Like words stand side by side, which saves bytes over the wire.
    """
    texts = [(UNREAD.within(catalogue_of(name)), name) for name in spoken()]
    return BETWEEN.join(
        BETWEEN.join((name.replace("_", "-"), unread, AGAIN.within(catalogue_of(name))))
        for unread, name in sorted(texts)
    )


def _literal(text: str) -> str:
    """Write *text* as a JavaScript string: between backticks, as styles are full of quotes (18 bytes over the wire)."""
    escaped = re.sub(r"[`$\\]", r"\\\g<0>", text)
    return f"`{escaped}`"


def _built(name: str) -> str:
    return (files("commentsvc") / "static" / "built" / name).read_text(encoding="utf-8")
