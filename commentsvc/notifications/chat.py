"""Chats, by Apprise (https://github.com/caronc/apprise), are told of what waits and of what is reported.

A chat is told the site, the article and where to look at the desk. What somebody wrote stays here, with their name:
it is not public yet, and a chat is mostly a third party's.

Apprise has no guard of its own. Each of its plugins calls functions of the module `requests`; those that may be used
get, in its place, ours, which goes through the guarded client.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from commentsvc.model import EventKind, MessageKind, State
from commentsvc.notifications.kind import TOLD_WITHIN, Nothing, Outcome, Retry, Sent
from commentsvc.records import NewMessage, OutboxMessage, StoredEvent
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.unicode_text import is_visible

if TYPE_CHECKING:
    import requests

    from commentsvc.notifications.outbound import Guarded

MOST_CHARACTERS = 200
SECONDS = 30  # of all calls for one message: some plugins sign in and join a room first
GATHER = timedelta(minutes=5)  # in which the first is told at once, and what follows as one
WAITING = "waiting"
REPORTED = "reported"
_ABOUT = {EventKind.HELD: WAITING, EventKind.REPORTED: REPORTED}
# Of what somebody typed: what calls people, links, or is markup in any chat becomes a sign that looks like it.
_DISARMED = str.maketrans("@<>*_~|`[]()#\\&:./!", "＠‹›∗＿∼¦ˋ❲❳❨❩＃⧵＆∶․∕ǃ")
_CALLS = frozenset({"request", "get", "options", "head", "post", "put", "patch", "delete"})


class ChatListener:
    """A message for each chat: at once for the first of five minutes, and one more at their end for what follows."""

    name = "chat"

    def messages(self, service: Service, work: UnitOfWork, event: StoredEvent) -> Iterable[NewMessage]:
        """What is to be sent because of *event*; nothing of what a person of the staff did."""
        about = _ABOUT.get(event.kind)
        if about is None or event.by is not None or event.site_id is None:
            return
        begun, ends = _window(event.at)
        for url in service.settings.notify_urls:
            chat = chat_id(url)
            once = f"chat:{chat}:{event.site_id}:{about}:{begun:%Y%m%d%H%M}"
            follows = work.outbox.was_told(once)
            yield NewMessage(
                kind=MessageKind.CHAT,
                about=about,
                receiver=_scheme(url),
                lane=f"chat:{chat}",
                data={"chat": chat} if follows else {"chat": chat, "comment": event.comment_id},
                once=f"{once}:more" if follows else once,
                forget_at=ends + TOLD_WITHIN,
                due_at=ends if follows else None,
                site_id=event.site_id,
                thread_id=None if follows else event.thread_id,
            )


class ChatSender:
    """Sends messages to chats."""

    kind = MessageKind.CHAT

    def send(self, service: Service, message: OutboxMessage) -> Outcome:
        """Send what waits or is reported now."""
        urls = {chat_id(url): url for url in service.settings.notify_urls}
        url = urls.get(message.data["chat"])
        if url is None:
            return Nothing()  # the operator took it away
        with service.reading() as work:
            text = text_of(service, work, message)
        return Nothing() if text is None else _notify(service, url, text)


def chat_id(url: str) -> str:
    """What stands for the address of a chat, which holds passwords, in the outbox."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def text_of(service: Service, work: UnitOfWork, message: OutboxMessage) -> str | None:
    """What a chat is told now; None where nothing waits any more.

    A message without a comment is about all that came within its five minutes, and tells how much waits.
    """
    desk = f"{service.settings.base_url}/moderation"
    site_id = message.site_id or 0
    if "comment" in message.data:
        return _about_one(work, message.data["comment"], message.about, desk)
    site = work.sites.by_id(site_id).slug
    sites = frozenset({site_id})
    if message.about == REPORTED:
        number = work.reports.count_comments(sites)
        words = f"Reported comments on {site}: {number}"
    else:
        number = work.counts.by_state(sites).get(State.PENDING, 0)
        words = f"Comments that wait on {site}: {number}"
    return _fitting(words, "", f"{desk}?site={site}") if number else None


def _about_one(work: UnitOfWork, comment_id: int, about: str, desk: str) -> str | None:
    located = work.public_comments.whatever_its_state(comment_id)
    if located is None:
        return None
    row, where = located
    open_states = {State.PENDING} if about == WAITING else {State.PENDING, State.APPROVED}
    if row.state not in open_states:
        return None  # somebody was quicker
    words = f"A comment {'waits' if about == WAITING else 'was reported'} on {where.site}"
    return _fitting(words, where.article, f"{desk}/comments/{row.public_id}")


def _fitting(words: str, typed: str, link: str) -> str:
    """One line of `MOST_CHARACTERS` at most, in which the link is whole or left out."""
    end = f": {link}" if len(words) + len(link) + 2 <= MOST_CHARACTERS else ""
    room = MOST_CHARACTERS - len(words) - len(end) - len(" (…)")
    name = disarmed(typed)
    if not name or room < 1:
        return f"{words}{end}"
    return f"{words} ({name if len(name) <= room else name[:room] + '…'}){end}"


def disarmed(typed: str) -> str:
    """What somebody typed as one line that calls nobody, leads nowhere, and is no markup."""
    plain = "".join(
        " " if unicodedata.category(sign)[0] in "CZ" and not is_visible(sign) else sign for sign in typed
    )
    return " ".join(plain.translate(_DISARMED).split())


def _window(at: datetime) -> tuple[datetime, datetime]:
    """When the five minutes began in which *at* is, and when they end."""
    begun = at - timedelta(seconds=at.timestamp() % GATHER.total_seconds())
    return begun, begun + GATHER


def _scheme(url: str) -> str:
    """What operators see of a chat: with some, the host is a password."""
    return url.partition(":")[0].lower()


def faulty(urls: Sequence[str]) -> list[str]:
    """The kinds of those addresses that Apprise cannot read; nothing is called."""
    return [_scheme(url) for url in urls if _plugin(url) is None]


def _plugin(url: str) -> Any:
    """What Apprise makes of an address; None where it cannot read that."""
    # Takes 10 MB and more, and is an extra: only who has a chat needs it.
    from apprise import Apprise, AppriseAsset

    no_pictures: dict[str, Any] = {"image_url_mask": "", "image_url_logo": "", "image_path_mask": ""}
    asset = AppriseAsset(app_id="commentsvc", async_mode=False, **no_pictures)
    return Apprise.instantiate(url, asset=asset)


def _notify(service: Service, url: str, text: str) -> Outcome:
    from commentsvc.notifications import outbound  # takes 12 MB: who serves needs it when something is sent

    plugin = _plugin(url)
    if plugin is None:
        return Retry("not an address of Apprise", is_setup=True)
    _route(type(plugin).__module__)
    with outbound.Guarded(service.settings.outbound_allow, SECONDS) as guarded:
        _here.calls = calls = _Calls(guarded)
        try:
            taken = plugin.notify(body=text, title="", body_format="text")
        finally:
            del _here.calls
    return Sent() if taken else Retry(calls.error)


def _route(module: str) -> None:
    """Let the plugin in *module* call the guarded client."""
    sys.modules[module].requests = _FACADE  # type: ignore[attr-defined]


class _Calls:
    """What one plugin calls while it sends one message."""

    def __init__(self, guarded: Guarded) -> None:
        self._guarded = guarded
        self.error = "refused"

    def request(self, method: str, url: str, **more: Any) -> requests.Response:
        """Answer as `requests.request` does, with the beginning of what the server says."""
        from commentsvc.notifications import outbound

        if more.get("verify"):
            del more["verify"]  # by ours
        more["headers"] = {"Accept-Encoding": "identity", **(more.get("headers") or {})}
        try:
            response: requests.Response = self._guarded.session.request(method, url, **more)
            answer = outbound.read(response)
        except (OSError, ValueError) as error:
            self.error = "timeout" if self._guarded.is_over else outbound.unreachable(error).kind
            raise
        vars(response).update(_content=answer.body, _content_consumed=True)
        response.close()
        if not answer.ok:
            self.error = f"HTTP {answer.status}"
        return response


class _Requests:
    """In the place of the module `requests`: its calls are guarded, and all else is its own."""

    def __getattr__(self, name: str) -> Any:
        import requests

        if name == "request":
            return lambda method, url, **more: _here.calls.request(method, url, **more)
        if name in _CALLS:
            return lambda url, *data, **more: _here.calls.request(
                name, url, **({"params" if name == "get" else "data": data[0]} if data else {}), **more
            )
        if name in {"Session", "session"}:
            raise AttributeError(name)  # what would go past the guard is not there
        return getattr(requests, name)


_here = threading.local()
_FACADE = _Requests()
