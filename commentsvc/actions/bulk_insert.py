"""Load many comments at once: they stand, count and show as if each had been posted in its time."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from commentsvc.actions import closing
from commentsvc.actions.post import ID_BYTES
from commentsvc.model import Markup, SafeHtml, Site, State
from commentsvc.privacy import sealing
from commentsvc.privacy.sealing import SealedAddress
from commentsvc.publishing import sanitise
from commentsvc.records import Place
from commentsvc.service import Service
from commentsvc.storage.loading import OpenThread
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads import places
from commentsvc.threads.lifecycle import add_many

BATCH = (
    5000  # comments a transaction: a commit costs nothing beside them, and posts wait for a second at most
)
RENDERED = 4096  # texts whose HTML is kept: what people write often (“+1”), and all that a seed draws from


@dataclass(frozen=True, slots=True)
class ImportedComment:
    """A comment to load.

    `article`, `name`, `email` and `url` are as `intake` would give them. `key` names the comment
    within its thread, and `parent` the one that it answers, which must have come before it.
    """

    article: str
    key: Hashable
    parent: Hashable | None
    author_id: str
    name: str
    email: str | None
    url: str | None
    text: str
    posted_at: datetime
    state: State = State.APPROVED
    reasons: tuple[str, ...] = ()
    markup: Markup = Markup.MARKDOWN
    edited_at: datetime | None = None
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Loadable:
    """A comment with all that takes long done: `columns` are those of its row that do not depend on its place."""

    columns: dict[str, Any]
    address: SealedAddress | None


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a comment stands: its place, the row that it answers, and the rows that count it."""

    place: Place
    parent_row: int | None
    above: list[int]


def load(
    service: Service, site: Site, arrivals: Iterable[ImportedComment], *, batch_size: int = BATCH
) -> int:
    """Store *arrivals*, thread after thread and in each by time; give how many they were.

    Each batch of *batch_size* is a transaction, after which all counts are right. What is kept in memory is
    one batch, and the places of the thread that is being loaded.

    :raises LookupError: a parent is not among what came before in its thread.
    """
    thread = _Thread("")
    waiting, loaded = iter(arrivals), 0
    while batch := list(islice(waiting, batch_size)):
        thread = _store(service, site, batch, thread)
        loaded += len(batch)
    if site.close_after_days is not None:
        closing.plan_site(service, site)
    return loaded


@dataclass(slots=True)
class _Thread:
    """The thread that is being loaded: where its comments stand, and in which rows."""

    article: str
    paths: dict[Hashable, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def stand(self, arrival: ImportedComment, row: int, seq: int, max_depth: int) -> Placement:
        """Find a place for *arrival*, which is comment number *seq* and goes into *row*."""
        parent = None if arrival.parent is None else self._path_of(arrival.parent)
        place = places.place(seq, parent or "", max_depth)
        self.paths[arrival.key] = place.path
        self.rows[place.path] = row
        if parent is None:
            return Placement(place, None, [])
        over = {*places.ancestors(place.path), parent}  # see `Comments.add_below`
        return Placement(place, self.rows[parent], [self.rows[path] for path in over])

    def _path_of(self, key: Hashable) -> str:
        if key not in self.paths:
            raise LookupError(f"“{self.article}” has no comment {key!r} that a later one could answer.")
        return self.paths[key]


def prepare(
    service: Service, site: Site, arrival: ImportedComment, html: SafeHtml, begins: bytes = b""
) -> Loadable:
    """Seal the address of *arrival*, which is shown as *html*, and name it: what needs no transaction.

    :param begins: what its public id begins with. Ids that begin alike stand together in their index, and cost one of
        its pages instead of one each; two bytes leave 80 random bits.
    """
    fresh = begins + service.random_bytes(ID_BYTES - len(begins))
    public_id = urlsafe_b64encode(fresh).decode()
    address = None if arrival.email is None else sealing.seal(arrival.email, public_id, service.address_keys)
    return Loadable({"public_id": public_id, "site_id": site.id} | _columns(arrival, html), address)


def insert(
    service: Service,
    work: UnitOfWork,
    comments: Iterable[tuple[int, int, int, Placement, Loadable]],
    threads: Iterable[OpenThread],
) -> None:
    """Store *comments*, each with the numbers of its row and of its thread's, its own number, and its place."""
    rows: list[dict[str, Any]] = []
    addresses: list[dict[str, Any]] = []
    above: dict[int, list[int]] = {}
    for row, thread_id, seq, stand, ready in comments:
        above[row] = stand.above
        rows.append({"id": row, "thread_id": thread_id} | ready.columns | _placed(stand, seq))
        if ready.address is not None:
            sealed, lookup = ready.address.sealed, ready.address.lookup
            addresses.append({"comment_id": row, "sealed": sealed, "lookup": lookup})
    add_many(work, rows, addresses, above, threads, service.now())


def _store(service: Service, site: Site, batch: Sequence[ImportedComment], thread: _Thread) -> _Thread:
    """Store one batch; give the thread that it ended in."""
    comments = []
    loadable = [prepare(service, site, arrival, _rendered(arrival.text)) for arrival in batch]
    with service.unit_of_work() as work:
        opened = work.bulk.open_threads(site.id, {arrival.article for arrival in batch})
        for row, arrival, ready in zip(work.bulk.new_ids(len(batch)), batch, loadable, strict=True):
            if arrival.article != thread.article:
                thread = _Thread(arrival.article)
            stored = opened[arrival.article]
            stored.last_seq += 1
            stand = thread.stand(arrival, row, stored.last_seq, service.settings.max_depth)
            comments.append((row, stored.id, stored.last_seq, stand, ready))
        insert(service, work, comments, opened.values())
    return thread


def _placed(stand: Placement, seq: int) -> dict[str, Any]:
    place = stand.place
    return {
        "seq": seq,
        "root_seq": place.root_seq,
        "path": place.path,
        "depth": place.depth,
        "parent_id": stand.parent_row,
    }


def _columns(arrival: ImportedComment, html: SafeHtml) -> dict[str, Any]:
    return {
        "state": arrival.state,
        "reasons": list(arrival.reasons),
        "findings": [],
        "fingerprint": None,
        "author_id": arrival.author_id,
        "author_name": arrival.name,
        "author_url": arrival.url,
        "text": arrival.text,
        "markup": arrival.markup,
        "html": html,
        "rules": sanitise.RULES,
        "revision": 1,
        "vouched": arrival.state is State.APPROVED,
        "posted_at": arrival.posted_at,
        "edited_at": arrival.edited_at,
        "erased_at": arrival.erased_at,
    }


_rendered = lru_cache(RENDERED)(sanitise.render)
