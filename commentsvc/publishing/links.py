"""Where a link leads, said beside a text that names another place."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from commentsvc.unicode_text import ascii_host, without_default_ignorables

# What reads as a host name, once it is normalised: labels and dots, and letters at the end.
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,62})\.)+(?:xn--[a-z0-9-]+|[^\W\d_]{2,63})")
_PATH = re.compile(r"(?<![:/])[/?#].*")  # what follows the host, in an address with its scheme or without
LONGEST_LABEL = 2000  # characters of a link's text in which a host is looked for


def host_of(url: str) -> str:
    """The host of *url* in its ASCII form; empty where there is none."""
    try:
        return ascii_host((urlsplit(url).hostname or "").rstrip("."))
    except ValueError:
        return ""


def names_another_host(text: str, url: str) -> bool:
    """Whether *text*, as a reader sees it, names a host that *url* does not lead to."""
    own = _without_www(host_of(url))
    authorities = (_PATH.sub("", word) for word in _as_read(text[:LONGEST_LABEL]).split())
    named = (ascii_host(host) for authority in authorities for host in _HOST.findall(authority))
    return any(_without_www(host) != own for host in named)


def _as_read(text: str) -> str:
    """*text* in one spelling: compatibility forms folded (full-width letters and dots), nothing invisible."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u3002", ".")
    return without_default_ignorables(folded)


def _without_www(host: str) -> str:
    return host.removeprefix("www.")
