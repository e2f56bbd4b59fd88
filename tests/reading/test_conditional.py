"""Reading again costs nothing: strong ETags, 304, HEAD; and any page may read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import MakeService
from tests.people import Moderator, Reader
from tests.running_service import InProcess

OF_A_THREAD = [
    "/api/v1/thread?article=a-1",
    "/api/v1/thread?article=a-1&order=newest&limit=1",
    "/thread/fragment?article=a-1",
    "/feeds/thread.atom?article=a-1",
    "/feeds/site.atom",
    "/feeds/site.json",
]
CACHEABLE = [*OF_A_THREAD, "/api/v1/counts?article=a-1&article=a-2", "/embed.js", "/count.js"]
READS = [*CACHEABLE, "/thread?article=a-1"]

Happen = Callable[[], object]
Change = Callable[[Reader, Moderator], Happen]  # gives what makes it happen


@pytest.fixture(scope="module")
def service(shared_service: InProcess) -> InProcess:
    """One for all of these tests: they look at what changes, and not at what there is."""
    shared_service.reader().comment("a-1")
    return shared_service


@pytest.fixture(scope="module")
def moderator(service: InProcess) -> Moderator:
    return service.moderator()


@pytest.mark.parametrize("address", CACHEABLE)
@pytest.mark.parametrize("article", ["a-1", "never-seen"])
def test_what_did_not_change_is_answered_with_304(reader: Reader, address: str, article: str) -> None:
    address = address.replace("a-1", article)
    first = reader.get(address)

    again = reader.http.get(address, headers={"If-None-Match": first.headers["ETag"]})

    assert first.status_code == 200
    assert first.headers["ETag"].startswith('"')
    assert again.status_code == 304
    assert again.content == b""
    for name in ("ETag", "Cache-Control", "Access-Control-Allow-Origin"):
        assert again.headers[name] == first.headers[name]


def test_one_comment_is_answered_with_304(reader: Reader) -> None:
    comment = reader.comment("a-1")

    test_what_did_not_change_is_answered_with_304(reader, f"/api/v1/comments/{comment}", "a-1")


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("{}", 304),
        ("W/{}", 304),  # compared weakly (RFC 9110 §13.1.2)
        ('"other", {}', 304),
        ("*", 304),
        ('"other"', 200),
        ("garbage", 200),
        ("", 200),
        ('"', 200),
        (",,,", 200),
    ],
)
def test_if_none_match_is_read_as_http_says(reader: Reader, sent: str, status: int) -> None:
    etag = reader.get("/api/v1/thread", article="a-1").headers["ETag"]

    answer = reader.http.get(
        "/api/v1/thread?article=a-1", headers={"If-None-Match": sent.replace("{}", etag)}
    )

    assert answer.status_code == status


@pytest.mark.any_database
@pytest.mark.parametrize("address", CACHEABLE)
def test_it_may_be_kept_and_must_be_asked_about(reader: Reader, address: str) -> None:
    answer = reader.get(address)

    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.any_database
@pytest.mark.parametrize(
    "address", ["/thread?article=a-1", "/api/v1/form?article=a-1", "/healthz", "/readyz"]
)
def test_what_is_for_one_reader_alone_is_not_kept(reader: Reader, address: str) -> None:
    answer = reader.get(address)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert "Set-Cookie" not in answer.headers


def edit(reader: Reader, moderator: Moderator) -> Happen:
    posted = reader.posted("a-1", "First.")
    return lambda: reader.edit(posted["comment"]["id"], posted["edit_key"], "Better.")


def delete(reader: Reader, moderator: Moderator) -> Happen:
    posted = reader.posted("a-1", "First.")
    return lambda: reader.delete(posted["comment"]["id"], posted["edit_key"])


def decide(reader: Reader, moderator: Moderator) -> Happen:
    comment = reader.comment("a-1")
    return lambda: moderator.decide("trash", comment)


def post(reader: Reader, moderator: Moderator) -> Happen:
    return lambda: reader.comment("a-1")


@pytest.mark.parametrize("address", OF_A_THREAD)
@pytest.mark.parametrize("change", [post, edit, delete, decide])
def test_a_change_shows_at_once(
    reader: Reader,
    moderator: Moderator,
    address: str,
    change: Change,
) -> None:
    happen = change(reader, moderator)
    before = [reader.get(address) for _ in range(3)][-1]  # rendered, looked up, and known to be current

    happen()

    after = reader.http.get(address, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.content != before.content


@pytest.mark.parametrize("address", [a for a in OF_A_THREAD if "fragment" not in a])  # it shows no title
def test_a_new_title_shows_at_once(reader: Reader, moderator: Moderator, address: str) -> None:
    reader.comment("a-1")
    before = reader.get(address)

    title = f"Headline {OF_A_THREAD.index(address)}"
    moderator.set_thread("a-1", title=title)

    after = reader.http.get(address, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert title in after.text


@pytest.mark.parametrize("change", [post, delete, decide])
def test_a_changed_number_shows_at_once(
    reader: Reader,
    moderator: Moderator,
    change: Change,
) -> None:
    happen = change(reader, moderator)
    before = reader.get("/api/v1/counts", article="a-1")

    happen()

    assert reader.get("/api/v1/counts", article="a-1").json() != before.json()


def test_a_comment_that_waits_changes_no_bytes(make_service: MakeService) -> None:
    service = make_service(MODERATION="all")
    reader = service.reader()
    service.moderator().decide("approve", reader.comment("a-1"))
    before = [reader.get(address).content for address in CACHEABLE]

    assert reader.post("a-1").status_code == 202

    assert [reader.get(address).content for address in CACHEABLE] == before


@pytest.mark.any_database
@pytest.mark.parametrize("address", READS)
def test_head_tells_what_get_would(reader: Reader, address: str) -> None:
    reader.comment("a-1")
    got = reader.get(address)

    head = reader.http.head(address)

    assert head.status_code == 200
    assert head.content == b""
    told = ["Content-Type", "ETag", "Cache-Control", "Access-Control-Allow-Origin"]
    assert [head.headers.get(name) for name in told] == [got.headers.get(name) for name in told]
    if "ETag" in got.headers:
        assert head.headers["Content-Length"] == got.headers["Content-Length"]


@pytest.mark.any_database
@pytest.mark.parametrize("address", READS)
def test_pages_of_any_origin_may_read(reader: Reader, address: str) -> None:
    foreign = reader.http.get(address, headers={"Origin": "https://anywhere.example"})

    assert foreign.status_code == 200
    assert foreign.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in foreign.headers
