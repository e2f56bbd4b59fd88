"""Walking skeleton only; the JSON formats replace it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from commentsvc.transfer.foreign import ForeignComment, ForeignThread, Markup
from commentsvc.transfer.sources import Source


class IssoJson:
    name = "isso-json"

    def detect(self, head: bytes, name: str) -> bool:
        return head.lstrip().startswith(b"[") and b'"comments"' in head

    def read(self, source: Source) -> Iterator[ForeignThread | ForeignComment]:
        with source.open() as stream:
            threads = json.load(stream)
        for thread in threads:
            yield ForeignThread(
                key=thread["id"],
                link=thread["id"],
                title=thread.get("title"),
                closed=thread.get("closed", False),
            )
            for n, c in enumerate(thread["comments"]):
                yield ForeignComment(
                    key=str(c.get("id", n)),
                    thread=thread["id"],
                    name=c.get("author") or "",
                    anonymous=not c.get("author"),
                    email=c.get("email"),
                    text=c.get("text", ""),
                    markup=Markup.MARKDOWN if c.get("md") else Markup.HTML,
                    posted_at=c.get("created"),
                    parent=c.get("parent"),
                    ping=c.get("ping", False),
                    state=c.get("state", "approved"),
                    url=c.get("website"),
                )
