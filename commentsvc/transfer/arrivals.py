"""A foreign comment as this service stores it: its author, its text, its state and its times, with a word on all that was changed."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Container
from datetime import UTC, datetime
from typing import TypeVar

from commentsvc.actions import bulk_insert
from commentsvc.actions.bulk_insert import ImportedComment, Loadable
from commentsvc.actions.post import ID_BYTES
from commentsvc.model import Markup, SafeHtml, Site, State
from commentsvc.publishing.foreign_html import from_plain, render_foreign
from commentsvc.publishing.redaction import render_stored
from commentsvc.service import Service
from commentsvc.transfer import restoring
from commentsvc.transfer.authors import Authors, website
from commentsvc.transfer.foreign import ForeignState, Visibility
from commentsvc.transfer.report import Report
from commentsvc.transfer.staging import Kept

T = TypeVar("T")

STATES = {
    ForeignState.APPROVED: State.APPROVED,
    ForeignState.PENDING: State.PENDING,
    ForeignState.SPAM: State.SPAM,
    ForeignState.DELETED: State.TRASH,
}
NAMED_ALIKE = 200  # comments one after the other whose public ids begin with the same bytes
ALIKE_BYTES = 2
NO_HTML = SafeHtml("")
WHY_LOST = {
    "orphan": "what it answers is not there",
    "other-thread": "what it answers is in another thread",
    "cycle": "it answers itself, by way of others",
}


class Arrivals:
    """Makes foreign comments ready to be stored, and tells the report what was altered."""

    def __init__(self, service: Service, site: Site, format_name: str, report: Report) -> None:
        self._service, self._site, self._report = service, site, report
        self._authors = Authors(service, site.id, format_name)
        self._named, self._begins = 0, b""
        self.taken: Container[str] = ()  # public ids that other comments here have

    def loadable(self, kept: Kept, digest: bytes) -> Loadable:
        """Give *kept* as it is stored."""
        if kept.original is not None:
            return self._own(kept)
        self._tell_of_place(kept)
        posted = moment(kept.at).replace(microsecond=0)
        if kept.state == ForeignState.DELETED:
            return self._place_holder(posted, digest)
        name = self._told(kept, "name", self._authors.name(kept.name)) or ""
        email = None
        if kept.email is not None and kept.email.strip():
            email = self._told(kept, "email", self._authors.email(kept.email))
        url = self._told(kept, "url", website(kept.url))
        text, markup, html = self._text(kept)
        edited = None if kept.edited is None else moment(kept.edited).replace(microsecond=0)
        comment = ImportedComment(
            article="",
            key=kept.key,
            parent=None,
            author_id=self._authors.id_of(name, email, bool(kept.anonymous), digest),
            name=name,
            email=email,
            url=url,
            text=text,
            posted_at=posted,
            state=self._state(kept),
            markup=markup,
            edited_at=edited if edited is not None and edited > posted else None,
        )
        return self._prepared(comment, html)

    def _prepared(self, comment: ImportedComment, html: SafeHtml) -> Loadable:
        if self._named % NAMED_ALIKE == 0:
            self._begins = self._service.random_bytes(ALIKE_BYTES)
        self._named += 1
        return bulk_insert.prepare(self._service, self._site, comment, html, self._begins)

    def _own(self, kept: Kept) -> Loadable:
        if kept.lost is not None:
            self.tell_lost(kept, kept.lost)
        line = restoring.comment_line(kept.original or "")
        name = "" if line.erased_at is not None else self._name(kept, line.name)
        email = None if line.email is None else self._told(kept, "email", self._authors.email(line.email))
        url = self._told(kept, "url", website(line.url))
        fresh = urlsafe_b64encode(self._service.random_bytes(ID_BYTES)).decode()
        public_id = fresh if line.id in self.taken else line.id
        return restoring.loadable(self._service, self._site, line, public_id, name, email, url)

    def _name(self, kept: Kept, raw: str) -> str:
        name, _ = self._authors.name(raw)
        if name != raw:
            self._alter(kept, "name", "no name that people can have here")
        return name

    def _place_holder(self, posted: datetime, digest: bytes) -> Loadable:
        comment = ImportedComment(
            article="",
            key="",
            parent=None,
            author_id=self._authors.id_of("", None, True, digest),
            name="",
            email=None,
            url=None,
            text="",
            posted_at=posted,
            state=State.TRASH,
            erased_at=posted,
        )
        return self._prepared(comment, NO_HTML)

    def _tell_of_place(self, kept: Kept) -> None:
        if kept.lost is not None:
            self.tell_lost(kept, kept.lost)
        if kept.level > self._service.settings.max_depth:
            self._alter(kept, "depth", f"level {kept.level} of the discussion")
        if not kept.dated:
            self._alter(kept, "date", "no date, or one that cannot be")
        if kept.repaired:
            self._alter(kept, "characters", "NUL or half characters")

    def _state(self, kept: Kept) -> State:
        state = STATES[ForeignState(kept.state)]
        hidden = state
        if kept.visibility == Visibility.DELETED:
            hidden = State.TRASH
        elif kept.visibility == Visibility.HIDDEN and state is State.APPROVED:
            hidden = State.PENDING
        if hidden is not state:
            self._alter(kept, "hidden", f"its article is {kept.visibility}")
        return hidden

    def _text(self, kept: Kept) -> tuple[str, Markup, SafeHtml]:
        text = kept.text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
        if kept.markup == Markup.MARKDOWN:
            return text, Markup.MARKDOWN, render_stored(text, None, Markup.MARKDOWN)
        if kept.markup == Markup.TEXT:
            text = from_plain(text)
        html, dropped = render_foreign(text)
        if dropped:
            self._alter(kept, "html", ", ".join(dropped))
        return text, Markup.HTML, html

    def _told(self, kept: Kept, what: str, read: tuple[T, str | None]) -> T:
        value, wrong = read
        if wrong is not None:
            self._alter(kept, what, wrong)
        return value

    def tell_lost(self, kept: Kept, why: str) -> None:
        """Tell that a comment does not answer what it answered; *why* is one of `WHY_LOST`."""
        self._alter(kept, why, WHY_LOST[why])

    def _alter(self, kept: Kept, what: str, reason: str) -> None:
        self._report.alter(what, kept.line, kept.identity.partition("\n")[0], kept.key, reason)


def moment(milliseconds: int) -> datetime:
    """The time of so many milliseconds since 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
