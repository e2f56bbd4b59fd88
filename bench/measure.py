"""Measure everything that the table compares: in rounds, in each of which all takes its turn."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import brotli

from bench import answers, data, live, machine, postings, steps, table, waiting
from bench.answers import Answer
from bench.data import HUNDRED, LONGEST, THOUSAND, Data
from bench.load import get, load
from bench.peers import commits, isso, nginx, ours, same_server
from bench.posters import post_at_once, streaming
from bench.results import Measured, Results, Steps, Tail
from bench.servers import Server
from bench.sizes import (
    CONNECTIONS,
    LARGEST_PAGE,
    MANY_POSTERS,
    PAGE,
    POSTERS,
    RENDERING_CONNECTIONS,
    STREAM,
    Sizes,
)
from commentsvc.cache.codings import BROTLI_QUALITY

MEMORY_FOR_FILES = "/dev/shm"  # noqa: S108 - logs of servers go there: they must not make the disk wait
MOST_POSTS_A_SECOND = 6000  # more than anything here can commit
PEER_REST_SECONDS = (
    2  # Isso goes on with what was asked last, and would share the core with whoever comes next
)
PATHS = {"json": "/api/v1/thread", "fragment": "/thread/fragment"}
ARTICLES = {100: HUNDRED, 1000: THOUSAND}

Turn = Callable[[], float]


@dataclass(slots=True)
class Run:
    """One run: what it measures with, and what it found so far."""

    sizes: Sizes
    data: Data
    folder: Path
    """On the disk, for what is written to."""

    logs: Path
    measured: dict[str, Measured] = field(default_factory=dict)
    facts: dict[str, float] = field(default_factory=dict)

    def in_turns(self, unit: str, turns: dict[str, Turn]) -> None:
        """Measure each once a round, one after the other."""
        for number in range(self.sizes.rounds):
            print(f"  round {number + 1} of {self.sizes.rounds}: {len(turns)} measurements", flush=True)
            for name, turn in turns.items():
                self.note(name, unit, turn())

    def note(self, name: str, unit: str, value: float) -> None:
        """Keep one value of what goes by that name."""
        self.measured.setdefault(name, Measured(unit, [])).rounds.append(value)

    def rate(self, base_url: str, requests: list[bytes], *, at_random: bool = False) -> float:
        """Requests a second, many readers at a time."""
        return load(base_url, requests, self.sizes.seconds, CONNECTIONS, at_random=at_random).rate()

    def rendering_rate(self, base_url: str, requests: list[bytes]) -> float:
        """Requests a second, as many at a time as the service renders."""
        return load(base_url, requests, self.sizes.seconds, RENDERING_CONNECTIONS).rate()


def measure(sizes: Sizes, *, quick: bool) -> Results:
    """Do all of it; takes minutes, the first time more, for the data to be made."""
    found = data.prepared(sizes)
    with (
        tempfile.TemporaryDirectory(dir=data.KEPT, prefix="run-") as folder,
        tempfile.TemporaryDirectory(dir=MEMORY_FOR_FILES) as logs,
    ):
        run = Run(sizes, found, Path(folder), Path(logs))
        comments = [
            comment for article in ARTICLES.values() for comment in data.comments(found.large, article)
        ]
        with isso.serving(run.folder / "isso", comments) as peer:
            hot_reads(run, peer)
            posts(run, peer)
            memory(run, peer)
        misses(run)
        print("Beside streams of events", flush=True)
        live.measure(sizes, run.note)
        print("The moderators' queue", flush=True)
        waiting.measure(sizes, data.kept("waiting"), run.note)
        reading_while_posting(run)
        return Results(
            date=datetime.now(UTC).strftime("%Y-%m-%d"),
            quick=quick,
            machine=machine.facts(),
            versions=machine.versions(),
            sizes=asdict(sizes),
            facts=run.facts,
            glances=growth(run),
            tails=tails(run),
            steps=where_time_goes(run),
            measured=run.measured,
            rows=table.rows(run.measured),
            waiting=table.waiting_rows(run.measured),
        )


def hot_reads(run: Run, peer: Server) -> None:
    """What is answered from kept bytes, beside the ceilings and Isso; and how many bytes it is."""
    print("Hot reads", flush=True)
    kept = run.folder / "answers"
    kept.mkdir()
    with ours.serving(run.data.large, ours.HOT, run.logs) as live:
        found = {
            name: _keep(kept, live, name, kind, length, coding)
            for name, kind, length, coding in table.answer_names()
        }
        compare_bytes(run, found, peer)
        with (
            same_server.serving("bench.peers.bare:make", kept, run.logs) as bare,
            nginx.serving(kept, run.folder / "nginx") as file_server,
        ):
            turns: dict[str, Turn] = {}
            for name, kind, length, coding in table.answer_names():
                asked = _coding(coding)
                own = [get(_page(live, kind, length), **asked)]
                turns[f"hot {name}"] = lambda own=own: run.rate(live.base_url, own)
                for prefix, server in (("bare", bare), ("nginx", file_server)):
                    same = [get(f"{server.base_url}/{name}", **asked)]
                    turns[f"{prefix} {name}"] = lambda server=server, same=same: run.rate(
                        server.base_url, same
                    )
                if length > LARGEST_PAGE:
                    pages = [get(url, **asked) for url in _all_pages(live, kind, length)]
                    turns[f"whole {name}"] = lambda pages=pages: run.rate(live.base_url, pages) / len(pages)
            plain = f"{table.answer_name('json', 100, 'br')}.plain"
            few_headers = [get(f"{bare.base_url}/{plain}", Accept_Encoding="br")]
            turns[f"bare {plain}"] = lambda: run.rate(bare.base_url, few_headers)
            turns |= _spread(run, live) | _not_modified(run, live, found) | _isso(run, peer)
            run.in_turns("/s", turns)


def _keep(kept: Path, live: Server, name: str, kind: str, length: int, coding: str) -> Answer:
    answer = answers.fetch(_page(live, kind, length), **_coding(coding))
    answers.keep(kept, name, answer)
    return answer


def _coding(coding: str) -> dict[str, str]:
    """The header by which a browser asks for Brotli, or none."""
    return {"Accept_Encoding": "br"} if coding == "br" else {}


def _page(live: Server, kind: str, length: int, **query: str) -> str:
    size = {"limit": str(LARGEST_PAGE)} if length > LARGEST_PAGE else {}
    return f"{live.base_url}{PATHS[kind]}?{urlencode({'article': ARTICLES[length]} | size | query)}"


def _all_pages(live: Server, kind: str, length: int) -> list[str]:
    """The addresses of all pages of a thread; the JSON tells their cursors."""
    urls, cursor = [], ""
    while cursor is not None:
        more = {"cursor": cursor} if cursor else {}
        urls.append(_page(live, kind, length, **more))
        cursor = json.loads(answers.fetch(_page(live, "json", length, **more)).body)["next"]
    return urls


def _spread(run: Run, live: Server) -> dict[str, Turn]:
    """Two lists of equal length: wrk asks Lua for each request of both."""
    urls = [
        f"{live.base_url}/api/v1/thread?article={data.spread(number)}" for number in range(run.sizes.spread)
    ]
    many = [get(url, Accept_Encoding="br") for url in urls]
    one = many[:1] * len(many)
    for url in urls:  # each is rendered once, before any round
        answers.fetch(url, **_coding("br"))
    return {
        "spread": lambda: run.rate(live.base_url, many, at_random=True),
        "not spread": lambda: run.rate(live.base_url, one, at_random=True),
    }


def _not_modified(run: Run, live: Server, found: dict[str, Answer]) -> dict[str, Turn]:
    etag = found[table.answer_name("json", 100, "br")].header("Etag")
    assert etag
    known = [get(_page(live, "json", 100), Accept_Encoding="br", If_None_Match=etag)]
    return {"304": lambda: run.rate(live.base_url, known)}


def _isso(run: Run, peer: Server) -> dict[str, Turn]:
    def turn(length: int) -> Turn:
        whole = [get(isso.thread(peer, ARTICLES[length]), Accept_Encoding="br")]
        # An answer of 1,000 takes so long that those under way at the end would be missed in the count.
        at_a_time = isso.WORKERS if length <= LARGEST_PAGE else 1

        def read() -> float:
            rate = load(peer.base_url, whole, run.sizes.peer_seconds, at_a_time).rate()
            time.sleep(PEER_REST_SECONDS)
            return rate

        return read

    return {f"isso {length}": turn(length) for length in ARTICLES}


def compare_bytes(run: Run, found: dict[str, Answer], peer: Server) -> None:
    """Our answer's body over the wire, and Isso's as it would be with the same compression."""
    sent = found[table.answer_name("json", 100, "br")].body
    bare = found[table.answer_name("json", 100, "identity")].body
    whole = answers.fetch(isso.thread(peer, HUNDRED)).body
    run.facts |= {"bytes bare": len(bare), "isso bytes bare": len(whole)}
    run.note("bytes", "bytes", len(sent))
    run.note("isso bytes", "bytes", len(brotli.compress(whole, quality=BROTLI_QUALITY)))


def misses(run: Run) -> None:
    """Rendered from the database for every request, beside a route of Flask's that returns the same bytes."""
    print("Misses", flush=True)
    kept = run.folder / "answers"
    with (
        ours.serving(run.data.large, ours.NOTHING_KEPT, run.logs) as live,
        same_server.serving("bench.peers.flask_route:make", kept, run.logs) as smallest,
    ):
        turns: dict[str, Turn] = {}
        for coding in table.CODINGS:
            own = _from_all_clients(_page(live, "json", 100), **_coding(coding))
            same = _from_all_clients(
                f"{smallest.base_url}/{table.answer_name('json', 100, coding)}", **_coding(coding)
            )
            turns[f"miss {coding}"] = lambda own=own: run.rendering_rate(live.base_url, own)
            turns[f"flask {coding}"] = lambda same=same: run.rendering_rate(smallest.base_url, same)
        run.in_turns("/s", turns)


def _from_all_clients(url: str, **headers: str) -> list[bytes]:
    return [get(url, X_Forwarded_For=address, **headers) for address in ours.clients()]


def growth(run: Run) -> dict[str, list[float]]:
    """What may not cost more where there is more; gives the glances at pages all over the longest thread."""
    print("Growth", flush=True)
    with (
        ours.serving(run.data.large, ours.NOTHING_KEPT, run.logs) as large,
        ours.serving(run.data.small, ours.NOTHING_KEPT, run.logs) as small,
    ):
        glances = _glances(run, large)
        order, cursor = _slowest(run, glances)
        first = _of_page(large, LONGEST, order=order)
        turns = {
            "first page of 100": (small, _of_page(small, HUNDRED)),
            "first page of the longest": (large, first),
            "slowest page of the longest": (large, _of_page(large, LONGEST, order=order, cursor=cursor)),
            "counts among few": (small, _counts(small, data.COUNTED)),
            "counts among many": (large, _counts(large, run.sizes.threads)),
        }
        run.in_turns("ms", {name: _time(run, *turn) for name, turn in turns.items()})
    return glances


def _time(run: Run, server: Server, url: str) -> Turn:
    requests = _from_all_clients(url)
    return lambda: 1000 / run.rendering_rate(server.base_url, requests)


def _of_page(server: Server, article: str, **query: str) -> str:
    return f"{server.base_url}/api/v1/thread?{urlencode({'article': article, 'limit': PAGE} | query)}"


def _counts(server: Server, threads: int) -> str:
    articles = [("article", article) for article in data.counted(threads)]
    return f"{server.base_url}/api/v1/counts?{urlencode(articles)}"


def _glances(run: Run, large: Server) -> dict[str, list[float]]:
    """One look at each of the cursors, in both orders."""
    return {
        order: [
            _time(run, large, _of_page(large, LONGEST, order=order, cursor=cursor))() for cursor in cursors
        ]
        for order, cursors in run.data.cursors.items()
    }


def _slowest(run: Run, glances: dict[str, list[float]]) -> tuple[str, str]:
    """The order and the cursor of the page that seemed slowest; it is then measured in rounds."""
    every = [
        (taken, order, cursor)
        for order, all_taken in glances.items()
        for taken, cursor in zip(all_taken, run.data.cursors[order], strict=True)
    ]
    _, order, cursor = max(every)
    return order, cursor


def posts(run: Run, peer: Server) -> None:
    """Durable posts, beside bare commits and Isso's posts."""
    print("Posts", flush=True)
    data_dir = data.fresh(run.folder / "posts")
    with ours.serving(data_dir, ours.BEHIND_PROXY, run.logs) as live:
        seconds = run.sizes.posting_seconds
        many = MOST_POSTS_A_SECOND * seconds

        def own() -> float:
            sent = load(live.base_url, postings.to_us(live, data_dir, many), seconds, POSTERS)
            assert sent.answers < many, "posts were sent twice"
            return sent.rate()

        theirs = postings.to_isso(peer, many)
        run.in_turns(
            "/s",
            {
                "posts": own,
                "commits": lambda: commits.rate(run.folder / "commits.db", seconds),
                "isso posts": lambda: load(peer.base_url, theirs, seconds, POSTERS, may_refuse=True).rate(),
            },
        )


def reading_while_posting(run: Run) -> None:
    """Hot reads of a thread: alone, while posts stream into it, and while posters post without a pause."""
    print("Reading while others post", flush=True)
    data_dir = data.fresh(run.folder / "stream", comments=100)
    seconds = run.sizes.posting_seconds
    with ours.serving(data_dir, ours.HOT | ours.BEHIND_PROXY, run.logs) as live:
        reads = [get(_page(live, "json", 100), Accept_Encoding="br")]

        def reading() -> float:
            return load(live.base_url, reads, seconds, CONNECTIONS).rate()

        def with_stream() -> float:
            # Twice as many as are sent while wrk runs: it also needs a moment to start.
            stream = postings.to_us(live, data_dir, 2 * STREAM * (seconds + 1), lambda _: HUNDRED)
            with streaming(live.base_url, stream, STREAM):
                return reading()

        def with_posters() -> float:
            requests = postings.to_us(live, data_dir, MOST_POSTS_A_SECOND * seconds)
            with posting_along(live, requests, seconds):
                return reading()

        run.in_turns(
            "/s",
            {
                "reading alone": reading,
                "reading, a stream of posts": with_stream,
                "reading, posters at full speed": with_posters,
            },
        )


@contextmanager
def posting_along(live: Server, requests: list[bytes], seconds: float) -> Iterator[None]:
    """Let posters post as fast as they are answered while the block runs, and a moment longer."""
    with ThreadPoolExecutor(1) as beside:
        posting = beside.submit(post_at_once, live.base_url, requests, POSTERS, seconds + 0.5)
        yield
        posting.result()


def tails(run: Run) -> dict[str, Tail]:
    """How long a post takes at most, while very many are posted at once."""
    print("Many posters at once", flush=True)
    data_dir = data.fresh(run.folder / "tails")
    seconds = 2 * run.sizes.posting_seconds
    found = {}
    with ours.serving(data_dir, ours.BEHIND_PROXY, run.logs) as live:
        for where, article_of in (
            ("one thread", lambda _: "posts"),
            ("many threads", postings.many_articles),
        ):
            requests = postings.to_us(live, data_dir, MOST_POSTS_A_SECOND * seconds, article_of)
            found[where] = post_at_once(live.base_url, requests, MANY_POSTERS, seconds).tail()
    return found


def memory(run: Run, peer: Server) -> None:
    """What we hold after very many reads of many threads, and Isso after those it had until now."""
    print("Memory", flush=True)
    with ours.serving(run.data.large, ours.HOT, run.logs) as live:
        urls = [
            f"{live.base_url}/api/v1/thread?article={data.spread(number)}"
            for number in range(run.sizes.spread)
        ]
        requests = [get(url, Accept_Encoding="br") for url in urls]
        read = 0
        while read < run.sizes.reads:
            read += load(live.base_url, requests, run.sizes.seconds, CONNECTIONS).answers
        run.note("memory", "MB", machine.resident_bytes(live.pid) / 1e6)
        run.facts |= {"reads before memory": read, "processes": machine.processes(live.pid)}
    run.note("isso memory", "MB", machine.resident_bytes(peer.pid) / 1e6)
    run.facts["isso processes"] = machine.processes(peer.pid)


def where_time_goes(run: Run) -> dict[str, Steps]:
    """Of each kind of request: the steps inside the application, and what is left for its server."""
    print("Steps", flush=True)
    name = table.answer_name("json", 100, "br")
    under_load = {"hot read": f"hot {name}", "304": "304", "miss": "miss br", "post": "posts"}
    found = {}
    for kind, measured in under_load.items():
        data_dir = data.fresh(run.folder / "steps") if kind == "post" else run.data.large
        looked = steps.look(kind, data_dir, run.sizes.sampled_seconds)
        whole = 1e6 / run.measured[measured].middle()
        found[kind] = Steps(whole, looked.steps(whole), sum(looked.met.values()))
    return found
