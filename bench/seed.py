"""Fill a service with discussions like those of a newspaper: the same ones for the same seed.

    python -m bench.seed --data-dir bench-data --long 1000000 --spread 1000 --many 100000 --waiting 1000000

Comments go in by `actions.bulk_insert`, in order of time and in their true places, so that
`commentsvc doctor --deep` finds every count and path right.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from random import Random

import click

from commentsvc.actions.bulk_insert import ImportedComment, load
from commentsvc.actions.sites import site_of
from commentsvc.app import create_app
from commentsvc.model import Site, State
from commentsvc.service import Service
from commentsvc.settings import PREFIX, Settings
from commentsvc.storage import schema

REPLIES = 0.8  # of all comments, as in the discussions that the design was measured with
RECENT = 40  # comments back, on average, to the one that is answered
TO_OLD = 0.01  # of the replies answer anything, however old
WAITING_SIZE = 50  # comments that wait under an article, and five of each author
SPREAD_SIZE = 100  # comments of each thread that a benchmark of many threads reads
MANY_SIZES = (range(6), 0.97), (range(100, 101), 0.03)  # most articles have hardly any comments, a few many
HIDDEN = (State.PENDING, State.SPAM, State.TRASH)
TEXTS = 2000  # different ones, so that a page of 100 hardly holds one twice


def fill(service: Service, article: str, size: int, *, seed: int = 1, hidden: float = 0.0) -> None:
    """Make a thread of *size* comments, of which a share of *hidden* waits, is spam or was removed."""
    _load(service, Discussion(article, size, seed, service.now(), hidden).arrivals(), f"{seed} {article}")


def fill_spread(service: Service, threads: int, *, seed: int = 1) -> None:
    """Make `spread-0`, `spread-1`, …: threads of 100 public comments each."""
    _fill_all(service, ((f"spread-{number}", SPREAD_SIZE, 0.0) for number in range(threads)), "spread", seed)


def fill_many(service: Service, threads: int, *, seed: int = 1) -> None:
    """Make `article-0`, `article-1`, …: most with 0 to 5 comments, some with 100, in all states.

    An article with none has one that waits for a moderator: else it would have no thread.
    """
    chance = Random(f"{seed} many")
    ranges, shares = zip(*MANY_SIZES, strict=True)
    sizes = (chance.choice(chance.choices(ranges, shares)[0]) for _ in range(threads))
    wanted = ((f"article-{number}", max(size, 1), 0.03 if size else 1.0) for number, size in enumerate(sizes))
    _fill_all(service, wanted, "many", seed)


def fill_waiting(service: Service, comments: int, *, seed: int = 1) -> None:
    """Let so many *comments* wait for a moderator: 50 under each article, five of each author, some with links."""
    chance, written = Random(f"{seed} waiting"), texts(seed)
    began = service.now().replace(microsecond=0) - timedelta(seconds=comments)
    authors = max(1, comments // 5)
    arrivals = (
        ImportedComment(
            article=waiting_article(number // WAITING_SIZE),
            key=number,
            parent=None,
            author_id=f"reader-{number % authors}",
            name=f"Reader {number % authors}",
            email=f"reader-{number % authors}@mail.example",
            url=None,
            text=chance.choice(written),
            posted_at=began + timedelta(seconds=number),
            state=State.PENDING,
            reasons=("first_comment",),
        )
        for number in range(comments)
    )
    _load(service, arrivals, f"{seed} waiting")


def waiting_article(number: int) -> str:
    """The article of that number under which comments wait."""
    return f"waiting-{number}"


def _fill_all(service: Service, wanted: Iterator[tuple[str, int, float]], name: str, seed: int) -> None:
    now = service.now()
    arrivals = (
        arrival
        for article, size, hidden in wanted
        for arrival in Discussion(article, size, seed, now, hidden).arrivals()
    )
    _load(service, arrivals, f"{seed} {name}")


def default_site(service: Service) -> Site:
    """The site that there is from the first."""
    with service.reading() as work:
        return site_of(service, work, None)


def _load(service: Service, arrivals: Iterator[ImportedComment], chance: str) -> None:
    repeatable = replace(service, random_bytes=Random(f"ids {chance}").randbytes)
    load(repeatable, default_site(service), arrivals)


@dataclass(frozen=True)
class Discussion:
    """One thread that ends *now*; a comment came in every second."""

    article: str
    size: int
    seed: int
    now: datetime
    hidden: float

    def arrivals(self) -> Iterator[ImportedComment]:
        """Its comments by time. What waits or is spam was never public, so nobody answers it."""
        chance = Random(f"{self.seed} {self.article}")
        written = texts(self.seed)
        began = self.now.replace(microsecond=0) - timedelta(seconds=self.size)
        answerable = bytearray(self.size)
        for number in range(self.size):
            state = chance.choice(HIDDEN) if chance.random() < self.hidden else State.APPROVED
            answerable[number] = state in {State.APPROVED, State.TRASH}
            answered = self._answered(number, chance)
            person = chance.randrange(1 + self.size // 5)
            yield ImportedComment(
                article=self.article,
                key=number,
                parent=answered if answered is not None and answerable[answered] else None,
                author_id=f"reader-{person}",
                name=f"Reader {person}",
                email=f"reader-{person}@mail.example",
                url=f"https://reader-{person}.example/" if person % 10 == 0 else None,
                text=chance.choice(written),
                posted_at=began + timedelta(seconds=number),
                state=state,
            )

    def _answered(self, number: int, chance: Random) -> int | None:
        if number == 0 or chance.random() >= REPLIES:
            return None
        if chance.random() < TO_OLD:
            return chance.randrange(number)
        return max(0, number - 1 - int(chance.expovariate(1 / RECENT)))


@lru_cache(2)
def texts(seed: int) -> list[str]:
    """What comments say: 20 to 80 words, one in fifty 500, with some Markdown and links.

    The words are made of syllables and are as unevenly frequent as a language's (Zipf), so that
    an answer compresses about as well as people's.
    """
    chance = Random(f"{seed} texts")
    syllables = [a + b for a in "bdfghklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "is")]
    words = ["".join(chance.choices(syllables, k=chance.choice((1, 1, 2, 2, 2, 3, 4)))) for _ in range(3000)]
    often = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    return [_text(chance, words, often) for _ in range(TEXTS)]


def _text(chance: Random, words: list[str], often: list[float]) -> str:
    length = 500 if chance.random() < 0.02 else chance.randint(20, 80)
    said = chance.choices(words, cum_weights=often, k=length)
    for place in range(7, length, 11):
        said[place] += chance.choice((".", ",", "?", ".\n\n"))
    if chance.random() < 0.2:
        said[3] = chance.choice((f"*{said[3]}*", f"**{said[3]}**", f"`{said[3]}`"))
    if chance.random() < 0.1:
        said.append(f"https://{said[0]}.example/{said[1]}")
    return " ".join(said).capitalize()


@click.command()
@click.option("--data-dir", type=click.Path(path_type=Path), help="Instead of COMMENTSVC_DATA_DIR.")
@click.option("--long", "lengths", type=int, multiple=True, help="A thread `long-N` of N comments.")
@click.option("--spread", type=int, default=0, help="Threads `spread-…` of 100 comments each.")
@click.option("--many", type=int, default=0, help="Threads `article-…`, most of them short.")
@click.option("--waiting", type=int, default=0, help="Comments that wait for a moderator, under `waiting-…`.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, other comments.")
def main(
    data_dir: Path | None, lengths: tuple[int, ...], spread: int, many: int, waiting: int, seed: int
) -> None:
    """Fill a service's database; its other settings come from the environment."""
    chosen = {PREFIX + "DATA_DIR": str(data_dir)} if data_dir else {}
    app = create_app(Settings.from_environ(os.environ | chosen))
    service = app.extensions["commentsvc"]
    schema.prepare(service.database, service.settings)
    for length in lengths:
        with timed(f"a thread of {length}"):
            fill(service, f"long-{length}", length, seed=seed, hidden=0.03)
    if spread:
        with timed(f"{spread} threads of {SPREAD_SIZE}"):
            fill_spread(service, spread, seed=seed)
    if many:
        with timed(f"{many} threads"):
            fill_many(service, many, seed=seed)
    if waiting:
        with timed(f"{waiting} that wait"):
            fill_waiting(service, waiting, seed=seed)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print *what* was done within, and how long that took."""
    began = time.perf_counter()
    yield
    click.echo(f"{what}: {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
