"""The proxies with the settings of deploy/: reading and posting pass, nobody writes his own address, no query is logged."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.people import Reader
from tests.proxies import KINDS, Proxy, fitted, program_of, running
from tests.running_service import Live, serving, wait_until

FIRST = next(iter(KINDS))  # which `make test` tries; `make soak` tries the others

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "proxies.md"
FORGED = "203.0.113.7"
QUERY = "article=a&secret=quince"
FORGERIES = {
    "nothing": [],
    "the header": [f"X-Forwarded-For: {FORGED}"],
    "the header in small letters": [f"x-forwarded-for: {FORGED}"],
    "the header twice": [f"X-Forwarded-For: {FORGED}", f"X-Forwarded-For: {FORGED}"],
    "a list": [f"X-Forwarded-For: {FORGED}, {FORGED}"],
    "an empty one first": ["X-Forwarded-For:", f"X-Forwarded-For: {FORGED}"],
    "underscores": [f"X_Forwarded_For: {FORGED}"],
    "small letters and underscores": [f"x_forwarded_for: {FORGED}"],
    "the first underscore": [f"X_Forwarded-For: {FORGED}"],
    "the second underscore": [f"X-Forwarded_For: {FORGED}"],
    "both, one way": [f"X-Forwarded-For: {FORGED}", f"X_Forwarded_For: {FORGED}"],
    "both, the other way": [f"X_Forwarded_For: {FORGED}", f"X-Forwarded-For: {FORGED}"],
    "underscores twice": [f"X_Forwarded_For: {FORGED}", f"X_FORWARDED_FOR: {FORGED}"],
    "RFC 7239": [f"Forwarded: for={FORGED}"],
    "other names for it": [f"X-Real-IP: {FORGED}", f"Client-IP: {FORGED}", f"X-Client-IP: {FORGED}"],
    "a header that is dropped on the way": [
        "Connection: close, X-Forwarded-For",
        f"X-Forwarded-For: {FORGED}",
    ],
}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("proxied") / "data", TRUSTED_PROXIES="1") as running:
        yield running


@pytest.fixture(
    scope="module",
    params=[FIRST, *(pytest.param(kind, marks=pytest.mark.soak) for kind in KINDS if kind != FIRST)],
)
def proxy(
    request: pytest.FixtureRequest, live: Live, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    kind: str = request.param
    folder = tmp_path_factory.mktemp(kind)
    with running(kind, folder, int(live.base_url.rpartition(":")[2])) as proxy:
        yield proxy


@pytest.fixture
def proxied(proxy: Proxy) -> Iterator[Reader]:
    """A reader who reaches the service through the proxy."""
    headers = {"Host": f"comments.example:{proxy.port}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{proxy.port}", timeout=30, headers=headers) as http:
        yield Reader(http)


def clients_of(live: Live, path: str) -> list[str]:
    """Who asked for that path, as the service saw it."""
    lines = [json.loads(line) for line in live.log.read_text().splitlines() if line.startswith("{")]
    return [line["client"] for line in lines if line.get("route") == path]


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_shows_the_file(kind: str) -> None:
    blocks = re.findall(r"^```\w+\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)

    assert KINDS[kind].file.read_text() in blocks


@pytest.mark.parametrize("kind", KINDS)
def test_its_own_program_finds_no_fault_in_the_file(kind: str, tmp_path: Path) -> None:
    file = fitted(kind, tmp_path, 8099, 5000)
    if kind == "caddy":
        command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(file)]
    else:
        command = [*KINDS[kind].command(file), *KINDS[kind].proof]
    command[0] = program_of(command[0])

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_people_read_post_edit_and_delete_behind_it(proxy: Proxy, proxied: Reader) -> None:
    article = proxy.folder.name
    posted = proxied.posted(article, "x" * 9_990)
    comment, key = posted["comment"]["id"], posted["edit_key"]

    assert proxied.thread(article)["count"] == 1
    assert proxied.edit(comment, key, "Shorter.").json()["comment"]["html"] == "<p>Shorter.</p>"
    assert proxied.delete(comment, key).status_code == 204
    assert proxied.get("/thread", article=article).status_code == 200


def test_a_stream_of_events_comes_through_as_it_happens(proxy: Proxy, proxied: Reader) -> None:
    article = f"{proxy.folder.name}-live"
    with proxied.http.stream("GET", "/api/v1/thread/events", params={"article": article}) as stream:
        proxied.posted(article)

        told = next(line for line in stream.iter_lines() if line.startswith("data:"))

    assert json.loads(told[5:])["count"] == 1


def test_the_largest_body_reaches_the_service_and_a_larger_one_is_refused(proxied: Reader) -> None:
    largest = proxied.http.post("/api/v1/preview", json={"text": "x" * 185_000})
    too_large = proxied.http.post("/api/v1/preview", json={"text": "x" * 300_000})

    assert (largest.status_code, largest.json()["errors"].keys()) == (422, {"text"})
    assert too_large.status_code in {413, 502}  # Caddy 2.6 says 502 of a body that it cut off


@pytest.mark.parametrize("headers", FORGERIES.values(), ids=FORGERIES)
def test_nobody_writes_his_own_address(live: Live, proxy: Proxy, headers: list[str]) -> None:
    before = len(clients_of(live, "/api/v1/form"))

    assert b" 200 " in proxy.ask(f"/api/v1/form?{QUERY}", *headers)[:20]

    wait_until(lambda: len(clients_of(live, "/api/v1/form")) > before)
    assert clients_of(live, "/api/v1/form")[before:] == ["127.0.7.0/24"]


def test_no_query_is_logged(proxy: Proxy) -> None:
    for path in ("/api/v1/form", "/nowhere", "/moderation/comments"):
        proxy.ask(f"{path}?{QUERY}", f"Referer: https://comments.example/thread/edit?{QUERY}")

    wait_until(lambda: "/moderation/comments" in proxy.logged())
    assert "quince" not in proxy.logged()


def test_no_private_link_is_logged(proxy: Proxy, proxied: Reader) -> None:
    article = f"{proxy.folder.name} in private"
    fields = {name: value for name, value in proxied.submission(article).items() if name != "article"}
    location = proxied.http.post("/thread", params={"article": article}, data=fields).headers["Location"]
    proxy.ask("/after")

    wait_until(lambda: "/after" in proxy.logged())
    receipt = parse_qs(urlsplit(location).query)["own"][0]
    assert receipt not in proxy.logged()


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_no_query_is_logged_where_the_service_is_gone(kind: str, tmp_path: Path) -> None:
    with (
        serving(tmp_path / "data", TRUSTED_PROXIES="1") as live,
        running(kind, tmp_path, int(live.base_url.rpartition(":")[2])) as proxy,
    ):
        live.stop()
        answer = proxy.ask(f"/nobody?{QUERY}", f"Referer: https://comments.example/thread/edit?{QUERY}")
        wait_until(lambda: "/nobody" in proxy.logged())

        assert answer.split()[1] in {b"502", b"503"}
        assert "quince" not in proxy.logged()
