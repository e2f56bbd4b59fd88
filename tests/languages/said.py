"""What an answer says to people, and which of its words are of Latin letters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

AT_HOME = {"UTC", "NUL", "ID", "http", "https", "Ctrl", "Enter", "surrogate"}
ADDRESS = re.compile(r"\S+@\S+|https?://\S+|paper\.example")
SAID_BY = ("aria-label", "title", "alt", "placeholder")  # attributes that people hear or see


def _texts_of(value: str) -> Iterator[str]:
    """The texts of an attribute, which may be JSON."""
    yield from _texts_within(json.loads(value) if value.startswith("{") else value)


def _texts_within(told: object) -> Iterator[str]:
    if isinstance(told, dict):
        for one in told.values():
            yield from _texts_within(one)
    elif isinstance(told, str):
        yield told


class Said(HTMLParser):
    """All that an answer in HTML says to people."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"script", "style"}
        for name, value in attrs:
            if name in SAID_BY:
                self.texts.append(value or "")
            elif name.startswith("data-"):  # for the script to say
                self.texts += [text for text in _texts_of(value or "") if " " in text or name == "data-words"]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


def latin(text: str) -> list[str]:
    """The Latin words of a text that are none of those that readers of all letters know."""
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"&\w+;|U\+[0-9A-F]+", "", ADDRESS.sub("", text)))
    return [word for word in words if word not in AT_HOME]


def left_in(html: str) -> list[str]:
    """The texts of an answer in which Latin words are left."""
    return [text for text in Said(html).texts if latin(text)]
