"""The public comments of an article as a part of a page, for static sites and archives: what readers see, and nothing else.

The markup is that of our own pages. What machines read beside it is JSON-LD (https://schema.org/DiscussionForumPosting).
A brace is written as its number, since generators look for their commands in what they include.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from commentsvc.model import PublicComment, ThreadPage
from commentsvc.publishing.filters import FILTERS, utc
from commentsvc.publishing.public import public_comment
from commentsvc.records import ExportedComment, Marks, PublicRow
from commentsvc.screening.rendered import rendered
from commentsvc.template_folder import template_folder
from commentsvc.transfer.exporting.reading import WholeThread

_COMMAND = re.compile(r"\{(?=[{%#])")  # JSON has such pairs within its strings alone
_IN_SCRIPT = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


class Fragments:
    """Where the links of a discussion lead: to places within it."""

    def comment(self, comment: str) -> str:
        """The comment of that id."""
        return f"#comment-{comment}"


@dataclass(frozen=True, slots=True)
class Discussion:
    """A discussion as HTML; None where the public sees nothing of it."""

    article: str
    aliases: Sequence[str]
    html: bytes | None


def discussion(thread: WholeThread) -> Discussion:
    """Give what the public sees of *thread*. All of it is in memory for that time."""
    row = thread.row
    marks = Marks(row.pins, row.locks)
    place = {pin: number for number, pin in enumerate(row.pins)}
    shown = [_public_row(one.row) for one in thread.comments if one.row.shown]
    shown.sort(key=lambda one: (place.get(one.root_seq, len(place)), one.root_seq, one.path))
    comments = tuple(public_comment(one, "", marks) for one in shown)
    count = sum(not comment.removed for comment in comments)
    if not count:
        return Discussion(row.article, thread.aliases, None)
    page = ThreadPage(
        site=thread.site.slug,
        article=row.article,
        title=row.title,
        url=row.url,
        open=row.open and not row.expired,
        slow_mode_seconds=None,
        count=count,
        comments=comments,
        next=None,
    )
    described = json.dumps(_described(page, shown), ensure_ascii=False, separators=(",", ":"))
    described = _COMMAND.sub(r"\\u007b", described.translate(_IN_SCRIPT))
    html = _template().render(article=row.article, page=page, urls=Fragments(), described=Markup("\0"))
    html = html.replace("{", "&#123;").replace("\0", described)
    return Discussion(row.article, thread.aliases, html.encode())


def _public_row(row: ExportedComment) -> PublicRow:
    return PublicRow(
        public_id=row.public_id,
        parent=row.parent,
        depth=row.depth,
        state=row.state,
        author_name=row.author_name,
        author_url=row.author_url,
        html=row.html,
        posted_at=row.posted_at,
        edited_at=row.edited_at,
        public_below=row.public_below,
        staff=row.staff,
        redacted=row.redactions is not None,
        root_seq=int(row.path[:6], 32),
        path=row.path,
    )


def _described(page: ThreadPage, rows: Sequence[PublicRow]) -> dict[str, Any]:
    """The discussion as schema.org has it, each comment within the one that it stands below."""
    posting: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting",
        "identifier": page.article,
        "headline": page.title or page.article,
        "commentCount": page.count,
    }
    if page.url is not None:
        posting |= {"@id": page.url, "url": page.url}
    open_levels: list[dict[str, Any]] = [posting]
    for comment, row in zip(page.comments, rows, strict=True):
        one = _described_comment(comment)
        del open_levels[row.depth + 1 :]
        open_levels[-1].setdefault("comment", []).append(one)
        open_levels.append(one)
    return posting


def _described_comment(comment: PublicComment) -> dict[str, Any]:
    one: dict[str, Any] = {
        "@type": "Comment",
        "@id": f"#comment-{comment.id}",
        "datePublished": utc(comment.posted_at),
    }
    if comment.author is None:
        return one | {"creativeWorkStatus": "Deleted"}
    author = {"@type": "Person", "name": comment.author.name}
    one["author"] = author | ({"url": comment.author.url} if comment.author.url else {})
    if comment.edited_at is not None:
        one["dateModified"] = utc(comment.edited_at)
    return one | {"text": rendered(comment.html).text.strip()}


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(template_folder()),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= FILTERS | {"readable": _readable}
    return environment.get_template("export/discussion.html")


def _readable(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y at %H:%M} UTC"
