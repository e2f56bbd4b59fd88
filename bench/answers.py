"""Answers of commentsvc, kept in files for the peers that serve the same bytes.

`NAME` holds the body, `NAME.headers` its headers, one a line.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import httpx

ENDING = ".headers"
# Those that a server adds by itself, or that belong to one connection or one request.
SERVERS_OWN = {"date", "server", "connection", "keep-alive", "transfer-encoding", "server-timing"}


@dataclass(frozen=True, slots=True)
class Answer:
    """The body as it was sent, coded as it was, and the headers that the application gave."""

    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of that header, if there is one."""
        return next((value for given, value in self.headers if given.lower() == name.lower()), None)


def fetch(url: str, **headers: str) -> Answer:
    """Get *url* with no header but *headers* (with underscores for hyphens), and decode nothing.

    :raises httpx.HTTPStatusError: it is not answered with 200.
    """
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx.Client(timeout=60) as client:
        client.headers.clear()
        with client.stream("GET", url, headers=sent) as response:
            response.raise_for_status()
            body = b"".join(response.iter_raw())
    given = [
        (name.decode().title(), value.decode())
        for name, value in response.headers.raw
        if name.decode().lower() not in SERVERS_OWN | {"content-length"}
    ]
    return Answer([*given, ("Content-Length", str(len(body)))], body)


def keep(folder: Path, name: str, answer: Answer) -> None:
    """Put *answer* into *folder* under that name."""
    (folder / name).write_bytes(answer.body)
    lines = (f"{header}: {value}\n" for header, value in answer.headers)
    (folder / f"{name}{ENDING}").write_text("".join(lines))


def read_all(folder: Path) -> dict[str, Answer]:
    """All answers that were put into *folder*, by their names."""
    found = {}
    for file in sorted(folder.glob(f"*{ENDING}")):
        lines = (line.split(": ", 1) for line in file.read_text().splitlines())
        body = file.with_suffix("").read_bytes()
        found[file.stem] = Answer([(name, value) for name, value in lines], body)
    return found
