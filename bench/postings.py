"""What posters send: the same comments to us and to Isso, ready as they go over the wire."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count, cycle
from pathlib import Path

from bench import seed
from bench.load import request
from bench.peers import isso, ours
from bench.servers import Server
from bench.sizes import POSTED_ARTICLES
from commentsvc.app import create_app
from commentsvc.intake import form_tokens
from commentsvc.settings import Settings

JSON = {"Content-Type": "application/json"}
# Of all runs together: whoever posted in the last round may not post five more times in this minute.
_CLIENTS = cycle(ours.clients())
_NUMBERS = count(1)  # a text that comes again and again would have to wait for a moderator
POSTER = {"name": "A poster", "email": "a-poster@mail.example"}


def many_articles(number: int) -> str:
    """The article that the comment of that number goes to, where posters post to several threads."""
    return f"posts-{number % POSTED_ARTICLES}"


def one_of(written: list[str]) -> str:
    """The next of these texts; none comes a second time."""
    number = next(_NUMBERS)
    return f"{written[number % len(written)]} ({number})"


def to_us(
    server: Server, data_dir: Path, many: int, article_of: Callable[[int], str] = many_articles
) -> list[bytes]:
    """So many postings to the service on that data, each with a form token of its own, from many clients."""
    app = create_app(Settings.from_environ(ours.environ(data_dir, ours.BEHIND_PROXY)))
    url, written = f"{server.base_url}/api/v1/comments", seed.texts(1)
    made = []
    service = app.extensions["commentsvc"]
    site = seed.default_site(service)
    for number in range(many):
        article = article_of(number)
        token = form_tokens.issue(service, site, article)
        text = one_of(written)
        body = json.dumps(POSTER | {"article": article, "text": text, "token": token}).encode()
        made.append(request("POST", url, JSON | {"X-Forwarded-For": next(_CLIENTS)}, body))
    service.database.disconnect()
    return made


def to_isso(server: Server, many: int) -> list[bytes]:
    """So many postings to Isso: the same texts by the same name to the same articles."""
    written = seed.texts(1)
    made = []
    for number in range(many):
        article = many_articles(number)
        posting = {
            "author": POSTER["name"],
            "email": POSTER["email"],
            "text": one_of(written),
            "title": f"About {article}",
        }
        made.append(request("POST", isso.new(server, article), JSON, json.dumps(posting).encode()))
    return made
