"""What `make bench` compares the service with runs in the very server that the service does."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bench import answers
from bench.answers import Answer
from bench.peers import same_server

pytestmark = pytest.mark.slow


@pytest.mark.soak
@pytest.mark.parametrize("factory", ["bench.peers.bare:make", "bench.peers.flask_route:make"])
def test_a_peer_answers_with_the_bytes_it_was_given(tmp_path: Path, factory: str) -> None:
    kept = tmp_path / "answers"
    kept.mkdir()
    answers.keep(kept, "json", Answer([("Content-Type", "application/json"), ("Content-Length", "2")], b"{}"))

    with same_server.serving(factory, kept, tmp_path) as peer:
        answer = httpx.get(f"{peer.base_url}/json")

    assert (answer.content, answer.headers["Content-Type"]) == (b"{}", "application/json")
