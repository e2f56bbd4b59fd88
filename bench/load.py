"""The load: requests as they go over the wire, sent by wrk from a core of its own."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench.machine import LOAD_CORE, on_core

SCRIPT = Path(__file__).with_name("load.lua")
TIMEOUT = "60s"
LONGEST_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it. `refused` are answers of 400 and above; they are among the `answers`."""

    answers: int
    seconds: float
    bytes: int
    refused: int
    broken: int

    def rate(self) -> float:
        """Requests a second that were answered as they should be."""
        return (self.answers - self.refused) / self.seconds


class Unexpected(Exception):
    """A server refused or dropped requests that it should have answered."""


def get(url: str, **headers: str) -> bytes:
    """A GET as bytes; underscores in the names of *headers* stand for hyphens."""
    return request("GET", url, {name.replace("_", "-"): value for name, value in headers.items()})


def request(method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """A request as bytes (RFC 9112)."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    named = {"Host": parts.netloc, **headers}
    if body:
        named["Content-Length"] = str(len(body))
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def load(
    base_url: str,
    requests: Iterable[bytes],
    seconds: int,
    connections: int,
    *,
    at_random: bool = False,
    may_refuse: bool = False,
) -> Load:
    """Send *requests*, one after the other or at random, over and over, for that many seconds.

    Where nothing is answered in that time, for longer, until something is.

    :raises Unexpected: one was refused or got no answer, and nobody said that this may be.
    """
    found = Load(0, 0, 0, 0, 0)
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"\0".join(requests))
        file.flush()
        while not found.answers and seconds <= LONGEST_SECONDS:
            found = _wrk(base_url, file.name, seconds, connections, "random" if at_random else "turn")
            seconds *= 2
    if not found.answers or ((found.refused or found.broken) and not may_refuse):
        raise Unexpected(f"{base_url}: {found}")
    return found


def _wrk(base_url: str, file: str, seconds: int, connections: int, order: str) -> Load:
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", TIMEOUT, "-s", str(SCRIPT)]
    done = subprocess.run(
        on_core(LOAD_CORE, "wrk", *options, base_url, "--", file, order),
        capture_output=True,
        text=True,
        check=True,
    )
    return Load(**json.loads(done.stdout.splitlines()[-1]))
