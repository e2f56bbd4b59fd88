"""How fast an import is, what it takes of memory, and how long posts wait meanwhile.

`python -m bench.imports 1000000 [THREAD_SIZE] [postgresql]` writes so many comments as Disqus XML, imports them beside a
running service, and posts into that all the time.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

from tests.postgresql import make_ready, running_cluster
from tests.running_service import Live, serving

WORDS = [
    "the",
    "quick",
    "brown",
    "fox",
    "jumps",
    "over",
    "a",
    "lazy",
    "dog",
    "while",
    "people",
    "talk",
    "about",
    "news",
    "weather",
    "politics",
    "and",
    "football",
    "every",
    "day",
]
PAUSE_SECONDS = 0.1
HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<disqus xmlns="http://disqus.com" '
    'xmlns:dsq="http://disqus.com/disqus-internals">\n'
)


def write_export(file: Path, comments: int, thread_size: int) -> None:
    """Write *comments* as Disqus exports them, *thread_size* to each thread; half of them answer another."""
    chance = random.Random(1)
    at = datetime(2008, 1, 1)
    with file.open("w", encoding="utf-8") as out:
        out.write(HEAD)
        for thread in range(-(-comments // thread_size)):
            out.write(
                f'<thread dsq:id="{thread}"><id/><link>https://tea.example/{thread}/</link><title>Article {thread}</title>'
                "<isClosed>false</isClosed><isDeleted>false</isDeleted></thread>\n"
            )
        for number in range(comments):
            thread, place = divmod(number, thread_size)
            at += timedelta(seconds=37)
            answered = chance.randrange(number - place, number) if place and chance.random() < 0.5 else None
            parent = "" if answered is None else f'<parent dsq:id="{answered}"/>'
            reader = chance.randrange(comments // 5 + 1)
            said = " ".join(chance.choices(WORDS, k=28))
            out.write(
                f'<post dsq:id="{number}"><message><![CDATA[<p>{said} <a href="https://tea.example/{number}" '
                f'rel="nofollow">{number}</a></p>]]></message><createdAt>{at:%Y-%m-%dT%H:%M:%SZ}</createdAt>'
                f"<isDeleted>false</isDeleted><isSpam>false</isSpam><author><name>Reader {reader}</name>"
                f"<email>reader-{reader}@tea.example</email></author>"
                f'<thread dsq:id="{thread}"/>{parent}</post>\n'
            )
        out.write("</disqus>\n")


def post_until(done: threading.Event, live: Live, waits: list[float]) -> None:
    """Post again and again, and note how long each took, in seconds."""
    reader = live.reader()
    number = 0
    while not done.is_set():
        number += 1
        form = reader.http.get("/api/v1/form", params={"article": "posted/"}).json()["token"]
        began = time.monotonic()
        answer = reader.http.post(
            "/api/v1/comments",
            json={
                "article": "posted/",
                "name": "Bo",
                "email": "bo@tea.example",
                "text": f"Post {number}.",
                "token": form,
            },
        )
        waits.append(time.monotonic() - began)
        assert answer.status_code in (201, 202), answer.text
        done.wait(PAUSE_SECONDS)


def imported(live: Live, export: Path) -> tuple[float, float, int]:
    """Import; give seconds, seconds of the processor, and the most memory, in bytes."""
    began = time.monotonic()
    words = [sys.executable, "-m", "commentsvc", "import", str(export), "--json"]
    process = subprocess.Popen(words, env=live.environ, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def main() -> None:
    """Measure, and print."""
    comments = int(sys.argv[1])
    thread_size = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    on_postgresql = sys.argv[3:] == ["postgresql"]
    with ExitStack() as ending:
        folder = ending.enter_context(tempfile.TemporaryDirectory(dir="/var/tmp"))
        export = Path(folder) / "disqus.xml"
        write_export(export, comments, thread_size)
        print(f"{comments} comments in threads of {thread_size}, {export.stat().st_size / 1e6:.0f} MB")
        settings: dict[str, str] = {}
        if on_postgresql:
            cluster = ending.enter_context(running_cluster())
            make_ready(cluster, Path(folder))
            settings = ending.enter_context(cluster.emptied())
        with serving(Path(folder) / "data", **settings) as live:
            done, waits = threading.Event(), list[float]()
            poster = threading.Thread(target=post_until, args=(done, live, waits))
            poster.start()
            time.sleep(3)
            quiet = sorted(waits)
            waits.clear()
            seconds, processor, memory = imported(live, export)
            busy = sorted(waits)
            done.set()
            poster.join()
    print(
        f"{seconds:.1f} s, {comments / seconds:.0f} comments a second; {processor:.1f} s of one core; {memory / 1e6:.0f} MB"
    )
    for name, found in (("before", quiet), ("meanwhile", busy)):
        told = ", ".join(
            f"{share}: {found[min(len(found) - 1, int(len(found) * share / 100))] * 1000:.0f} ms"
            for share in (50, 95, 99)
        )
        print(f"posts {name}: {len(found)}, {told}, most: {found[-1] * 1000:.0f} ms")


if __name__ == "__main__":
    main()
