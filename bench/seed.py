"""Fill a thread with many comments, fast: the places are the service's own, the rows go in at once."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections import Counter
from datetime import timedelta
from random import Random

from sqlalchemy import insert, update

from commentsvc.actions.sites import site_of
from commentsvc.model import State
from commentsvc.publishing.sanitise import RULES, render
from commentsvc.service import Service
from commentsvc.storage import threads
from commentsvc.storage.database import transaction
from commentsvc.storage.tables import CommentRow, ThreadRow
from commentsvc.threads import places

WORDS = [
    "ferry",
    "harbour",
    "crane",
    "tide",
    "quay",
    "lantern",
    "morning",
    "ticket",
    "island",
    "roof",
    "rain",
    "gull",
    "council",
    "timetable",
    "*really*",
    "**never**",
    "`08:14`",
    "https://pellhaven.example/tides",
    "because",
    "although",
    "perhaps",
    "nobody",
]
BATCH = 5000


def fill(service: Service, article: str, size: int, *, seed: int = 1) -> None:
    """Make a thread of *size* public comments, four of five of them replies, 20 to 80 words long."""
    chance = Random(f"{seed} {article}")
    texts = [" ".join(chance.choices(WORDS, k=chance.randint(20, 80))) for _ in range(200)]
    rendered = [(text, render(text)) for text in texts]
    site = site_of(service, None)
    began = service.now().replace(microsecond=0) - timedelta(seconds=size)

    with transaction() as tx:
        thread = threads.open_for_writing(tx, site.id, article)
        first_id = tx.query(CommentRow).count() + 1
        paths: list[str] = []
        below: Counter[str] = Counter()
        rows = []
        for number in range(1, size + 1):
            parent = None
            if paths and chance.random() < 0.8:  # mostly to what is recent, as people do
                parent = max(0, len(paths) - 1 - int(chance.expovariate(1 / 40)))
            place = places.place(number, paths[parent] if parent is not None else "", 6)
            paths.append(place.path)
            above = set(places.ancestors(place.path)) | ({paths[parent]} if parent is not None else set())
            below.update(above)
            text, html = chance.choice(rendered)
            rows.append(
                {
                    "id": first_id + number - 1,
                    "public_id": urlsafe_b64encode(chance.randbytes(12)).decode(),
                    "site_id": site.id,
                    "thread_id": thread.id,
                    "seq": number,
                    "root_seq": place.root_seq,
                    "path": place.path,
                    "depth": place.depth,
                    "parent_id": None if parent is None else first_id + parent,
                    "state": State.APPROVED,
                    "reasons": [],
                    "shown": True,
                    "author_id": "bench",
                    "author_name": f"Reader {chance.randint(1, 500)}",
                    "author_url": None,
                    "text": text,
                    "html": html,
                    "rules": RULES,
                    "posted_at": began + timedelta(seconds=number),
                }
            )
        for row in rows:
            row["public_below"] = below[row["path"]]
        for start in range(0, size, BATCH):
            tx.execute(insert(CommentRow), rows[start : start + BATCH])
        tx.execute(
            update(ThreadRow)
            .where(ThreadRow.id == thread.id)
            .values(last_seq=size, count=size, version=ThreadRow.version + 1)
        )
