"""Scripts of other versions, which pages name by their digest."""

from __future__ import annotations

import hashlib

import pytest

from commentsvc.actions.scripts import store_scripts
from commentsvc.publishing.scripts import Script, script_url, text_of
from tests.conftest import MakeService
from tests.running_service import InProcess

OLD = "console.log('é');\n".encode()
DIGEST = hashlib.sha256(OLD).hexdigest()[:16]


def serve_once(service: InProcess, name: str, content: bytes) -> str:
    """As a version did that had this script; give its address."""
    digest = hashlib.sha256(content).hexdigest()[:16]
    with service.ours.unit_of_work() as work:
        work.scripts.add(name, digest, content)
    return f"/{name}-{digest}.js"


@pytest.mark.parametrize("name", Script)
def test_a_script_that_was_served_once_is_served_for_ever(service: InProcess, name: str) -> None:
    address = serve_once(service, name, OLD + name.encode())

    for _ in range(2):
        answer = service.http().get(address)

        assert (answer.status_code, answer.content) == (200, OLD + name.encode())
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    unchanged = service.http().get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert unchanged.status_code == 304


def test_the_scripts_of_this_version_are_stored_once(service: InProcess) -> None:
    for _ in range(2):
        store_scripts(service.ours)
    with service.ours.reading() as work:
        for script in Script:
            digest = script_url(script).removeprefix(f"{script}-").removesuffix(".js")
            assert work.scripts.find(script, digest) == text_of(script).encode()


@pytest.mark.any_database
@pytest.mark.parametrize(
    "path",
    [
        f"/embed-{'0' * 16}.js",
        "/embed-x.js",
        f"/embed-{'0' * 5000}.js",
        "/embed-%00.js",
        "/embed-é.js",
        f"/other-{DIGEST}.js",
        f"/count-{DIGEST}.js",
        f"/embed-{DIGEST.upper()}.js",
    ],
)
def test_what_was_never_served_is_not_found_and_that_is_not_kept(service: InProcess, path: str) -> None:
    serve_once(service, "embed", OLD)

    answer = service.http().get(path)

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_stored_later_is_found_then(service: InProcess) -> None:
    content = OLD + b"later"
    address = f"/embed-{hashlib.sha256(content).hexdigest()[:16]}.js"
    assert service.http().get(address).status_code == 404

    serve_once(service, "embed", content)

    assert service.http().get(address).content == content


@pytest.mark.any_database
def test_who_asks_for_many_is_told_to_wait(make_service: MakeService) -> None:
    reader = make_service(RATE_LIMIT_READ="3 per minute").http()

    answers = [reader.get(f"/embed-{number:016x}.js").status_code for number in range(4)]

    assert answers == [404, 404, 404, 429]
