"""Rate limits: what one client may do in a time, and what it is told when that was too much."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete, event, select

from commentsvc.publishing import sanitise
from commentsvc.storage.tables import RateHitRow
from tests.conftest import MakeService
from tests.databases import on_both
from tests.garbage import not_collected
from tests.moderating.desk import EMAIL, PASSWORD, Desk, csrf_token
from tests.people import Moderator, Reader
from tests.running_service import InProcess, serving

pytestmark = pytest.mark.sampled(3)

__all__ = ["on_both"]  # found here by the tests

FIVE = "5 per minute; 40 per hour; 200 per day"


@pytest.fixture(autouse=True)
def texts_that_count_once() -> Iterator[None]:
    """A text counts again for every 20 ms of processor time: what the first one loads, and garbage, is not to be in it."""
    sanitise.render("*A text* of https://news.example")
    with not_collected():
        yield


@pytest.fixture
def service(make_service: MakeService) -> InProcess:
    """A service with the limit of posts that it has by default."""
    return make_service(RATE_LIMIT_POST=FIVE)


def statuses(reader: Reader, many: int) -> list[int]:
    return [reader.post("a", f"Number {n}.").status_code for n in range(many)]


def test_after_five_posts_it_is_said_how_long_to_wait(service: InProcess) -> None:
    reader = service.reader()
    assert reader.post("a").status_code == 201
    service.clock.move(seconds=18)
    assert statuses(reader, 4) == [201] * 4

    refused = reader.post("a")

    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (429, "rate-limited")
    assert refused.headers["Retry-After"] == "42"
    limits = {name: refused.headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")}
    assert limits == {"Limit": "5", "Remaining": "0", "Reset": "42"}
    assert "42 seconds" in refused.json()["detail"]


def test_what_is_refused_is_no_comment_that_counts(service: InProcess) -> None:
    """Who corrects a text again and again may post it in the end; how often it is tried is limited by itself."""
    service.moderator().block("word", "lottery", "reject")
    reader = service.reader()

    refused = [reader.post("a", f"Win the lottery {number}.").status_code for number in range(10)]

    assert refused == [422] * 10
    assert reader.post("a", "Won nothing.").status_code == 201


def test_a_form_that_is_refused_begins_no_discussion(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_THREADS="2 per hour")
    service.moderator().block("word", "lottery", "reject")
    for number in range(5):
        assert service.reader().post(f"new {number}", "Win the lottery.").status_code == 422

    assert service.reader("198.51.100.9").post("other", "Honest words.").status_code == 201


def test_who_waits_as_told_may_post_again(service: InProcess) -> None:
    reader = service.reader()
    for _ in range(5):
        reader.comment("a")
        service.clock.move(seconds=7)
    submission = reader.submission("a")
    wait = int(reader.send(submission).headers["Retry-After"])

    service.clock.move(seconds=wait - 1)
    assert reader.send(submission).status_code == 429
    service.clock.move(seconds=1)
    assert reader.send(submission).status_code == 201


@pytest.mark.soak
def test_forty_an_hour_are_forty_however_often_more_was_tried(service: InProcess) -> None:
    reader = service.reader()

    taken = Counter(
        status for _ in range(10) if service.clock.move(seconds=61) is None for status in statuses(reader, 7)
    )
    assert taken == {201: 40, 429: 30}

    wait = int(reader.post("a").headers["Retry-After"])
    assert 2000 < wait <= 3600 - 9 * 61
    service.clock.move(seconds=wait)
    assert reader.post("a").status_code == 201


def test_a_page_that_is_refused_says_so_and_keeps_the_text(service: InProcess) -> None:
    reader = service.reader()
    statuses(reader, 5)

    refused = reader.http.post(
        "/thread", params={"article": "a"}, data=reader.submission("a", "A long and careful text.")
    )

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert "in 60 seconds" in refused.text
    assert "A long and careful text." in refused.text


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "2001:db8::1", False),
    ],
)
def test_a_client_is_an_ipv4_address_or_an_ipv6_network(
    service: InProcess, first: str, second: str, is_one: bool
) -> None:
    assert statuses(service.reader(first), 5) == [201] * 5

    assert service.reader(second).post("a").status_code == (429 if is_one else 201)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("prefix", "times"), [("2001:db8::{:x}", 1), ("2001:db8:0:{:x}::1", 4), ("2001:db8:0:{:x}00::1", 16)]
)
def test_an_ipv6_network_may_do_as_much_as_some_clients_and_no_more(
    service: InProcess, prefix: str, times: int
) -> None:
    """As many as like of a /64, of the /64s of a /56, and of the /56s of a /48."""
    statuses = Counter(service.reader(prefix.format(n)).post("a").status_code for n in range(5 * times + 3))

    assert statuses == {201: 5 * times, 429: 3}
    refused = service.reader(prefix.format(200)).post("a")
    assert (refused.status_code, refused.headers["RateLimit-Limit"]) == (429, str(5 * times))
    assert service.reader("2001:db8:1::1").post("a").status_code == 201


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize(
    ("proxies", "sent", "counted"),
    [
        ("0", "203.0.113.7", "192.0.2.1"),
        ("1", "203.0.113.7", "203.0.113.7"),
        ("1", "198.51.100.9, 203.0.113.7", "203.0.113.7"),
        ("2", "198.51.100.9, 203.0.113.7, 10.0.0.1", "203.0.113.7"),
        ("2", "203.0.113.7", "192.0.2.1"),
        ("1", "2001:db8::7", "2001:db8::7"),
        ("1", "nonsense", "nonsense too"),
    ],
)
def test_a_forwarded_address_is_believed_of_trusted_proxies_alone(
    make_service: MakeService, proxies: str, sent: str, counted: str
) -> None:
    service = make_service(RATE_LIMIT_POST=FIVE, TRUSTED_PROXIES=proxies)
    reader = service.reader()
    for _ in range(5):
        assert reader.send(reader.submission("a"), **{"X-Forwarded-For": sent}).status_code == 201

    as_many_proxies_say = ", ".join([counted] + ["10.0.0.1"] * (int(proxies) - 1))
    forwarded = {"X-Forwarded-For": as_many_proxies_say} if proxies != "0" else {}
    if counted == "192.0.2.1":
        forwarded = {}

    assert reader.send(reader.submission("a"), **forwarded).status_code == 429


def test_without_trusted_proxies_nobody_escapes_by_a_header(service: InProcess) -> None:
    reader = service.reader()

    answers = [
        reader.send(reader.submission("a"), **{"X-Forwarded-For": f"203.0.113.{n}"}).status_code
        for n in range(6)
    ]

    assert answers == [201] * 5 + [429]


def test_a_resend_costs_nothing_and_meets_no_limit(service: InProcess) -> None:
    reader = service.reader()
    submission = reader.submission("a", "First.")
    reader.send(submission)
    assert [reader.send(submission).status_code for _ in range(6)] == [200] * 6
    assert statuses(reader, 5) == [201] * 4 + [429]

    assert reader.send(submission).status_code == 200


def test_forms_that_are_not_valid_do_not_count_as_posts(service: InProcess) -> None:
    reader = service.reader()
    for _ in range(20):
        assert reader.post("a", email="ada at paper.example").status_code == 422

    assert statuses(reader, 6) == [201] * 5 + [429]


def test_ten_times_as_many_attempts_are_too_many(service: InProcess) -> None:
    reader = service.reader()
    invalid = reader.submission("a", email="ada at paper.example")

    answers = [reader.send(invalid).status_code for _ in range(51)]

    assert answers == [422] * 50 + [429]
    refused = reader.post("a")
    assert (refused.status_code, refused.headers["RateLimit-Limit"]) == (429, "50")
    service.clock.move(seconds=int(refused.headers["Retry-After"]))
    assert reader.post("a").status_code == 201


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize(
    "request_of",
    [
        {"content": b"{", "headers": {"Content-Type": "application/json"}},
        {"content": b"text", "headers": {"Content-Type": "text/plain"}},
        {"json": {"site": "nowhere"}},
        {"json": {}, "headers": {"Origin": "https://evil.example"}},
        {"json": {}},
    ],
)
def test_what_is_no_post_at_all_is_an_attempt_too(service: InProcess, request_of: dict[str, object]) -> None:
    http = service.http()

    answers = [http.post("/api/v1/comments", **request_of).status_code for _ in range(51)]

    assert 429 not in answers[:50]
    assert answers[50] == 429


def test_edits_and_deletions_are_attempts(service: InProcess) -> None:
    reader = service.reader()
    posted = reader.posted("a")
    comment = posted["comment"]["id"]

    edits = [reader.edit(comment, "guessed", "x").status_code for _ in range(49)]

    assert edits == [403] * 49
    assert reader.edit(comment, posted["edit_key"], "x").status_code == 429
    assert reader.delete(comment, posted["edit_key"]).status_code == 429


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize(
    "path",
    ["/api/v1/thread?article=a", "/thread?article=a", "/thread/fragment?article=a", "/api/v1/form?article=a",
     "/api/v1/counts?article=a", "/feeds/site.atom", "/api/v1/moderation/comments"],
)  # fmt: skip
def test_reads_that_are_rendered_have_a_limit_of_their_own(make_service: MakeService, path: str) -> None:
    service = make_service(RATE_LIMIT_READ="3 per minute", CACHE_BYTES="0")
    http = service.http()

    answers = [http.get(path) for _ in range(4)]

    assert [answer.status_code == 429 for answer in answers] == [False] * 3 + [True]
    assert answers[3].headers["RateLimit-Limit"] == "3"
    assert answers[3].headers["Retry-After"] == "60"
    assert answers[3].headers["Cache-Control"] == "no-store"
    service.clock.move(seconds=60)
    assert http.get(path).status_code != 429


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nowhere"),
        ("GET", "/"),
        ("GET", "/wp-login.php?a=1"),
        ("POST", "/api/v1/nowhere"),
        ("PUT", "/thread?article=a"),
        ("GET", "/static/page/page.css"),
        ("GET", "/static/nowhere.css"),
        ("GET", "/embed-0123456789abcdef.js"),
        ("GET", "/moderation"),
        ("GET", "/moderation/sign-in"),
        ("POST", "/moderation/sign-in"),
        ("POST", "/moderation/sign-out"),
        ("POST", "/moderation/decide"),
        ("GET", "/thread/edit?article=a&comment=x&key=y"),
        ("GET", "/thread/own?comment=x"),
        ("GET", "/docs"),
        ("GET", "/openapi.json"),
        ("GET", "/thread?article="),
        ("GET", "/thread?article=a&site=nowhere"),
        ("POST", "/thread?article="),
    ],
)
def test_whatever_is_answered_counts(make_service: MakeService, method: str, path: str) -> None:
    http = make_service(RATE_LIMIT_READ="3 per minute", CACHE_BYTES="0").http()

    answers = [http.request(method, path) for _ in range(4)]

    assert [answer.status_code == 429 for answer in answers] == [False] * 3 + [True]
    assert answers[3].headers["Retry-After"] == "60"


@pytest.mark.soak
def test_every_address_there_is_has_a_limit(make_service: MakeService) -> None:
    """So that one which comes later has one too."""
    few = dict.fromkeys(("RATE_LIMIT_READ", "RATE_LIMIT_RENDER", "RATE_LIMIT_SIGN_IN"), "2 per minute")
    service = make_service(**few, RATE_LIMIT_POST="1 per minute", CACHE_BYTES="0")
    free = {"/healthz", "/readyz"}

    for number, rule in enumerate(service.app.url_map.iter_rules()):
        path = re.sub(r"<.*?>", "x", rule.rule)
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            http = service.http(f"192.0.2.{number}")
            # Ten attempts may be made for each post.
            tries = (http.request(method, path, json={"text": "a"}).status_code for _ in range(11))
            assert (429 in tries) == (path not in free), f"{method} {path}"


def test_a_preflight_is_free_for_a_refused_one_would_hide_why(make_service: MakeService) -> None:
    http = make_service(RATE_LIMIT_READ="1 per minute").http()

    asked = {"Origin": "https://news.example", "Access-Control-Request-Method": "POST"}
    answers = [http.options("/api/v1/comments", headers=asked).status_code for _ in range(3)]

    assert answers == [204] * 3


def test_texts_have_a_limit_of_their_own_wherever_they_are_rendered(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_RENDER="4 per minute")
    reader = service.reader()
    posted = reader.posted("a")
    comment, key = posted["comment"]["id"], posted["edit_key"]
    ways = [
        lambda: reader.http.post("/api/v1/preview", json={"text": "A."}),
        lambda: reader.edit(comment, key, "B."),
        lambda: reader.http.post("/thread?article=a", data=reader.submission("a", "C.") | {"preview": "1"}),
    ]
    assert [way().status_code for way in ways] == [200] * 3

    ways += [
        lambda: reader.post("a", "D."),
        lambda: reader.http.post("/thread?article=a", data=reader.submission("a", "E.")),
        lambda: edit_page(reader, comment, {"key": key, "text": "F."}),
        lambda: edit_page(reader, comment, {"key": key, "text": "F.", "preview": "1"}),
    ]
    answers = [way() for way in ways]

    assert [(answer.status_code, answer.headers["RateLimit-Limit"]) for answer in answers] == [(429, "4")] * 7
    assert [
        text for text, answer in zip("EF", answers[4:], strict=False) if f"{text}." not in answer.text
    ] == []
    service.clock.move(seconds=60)
    assert [way().status_code for way in ways[:3]] == [200] * 3


def edit_page(reader: Reader, comment: str, sent: dict[str, str]) -> httpx.Response:
    return reader.http.post("/thread/edit", params={"article": "a", "comment": comment}, data=sent)


@pytest.mark.soak
def test_a_text_counts_once_for_every_20_ms_that_it_took(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_RENDER="40 per minute")
    limits = service.app.extensions["commentsvc.limits"]

    def previews_left(address: str, seconds: float) -> int:
        asking = service.app.test_request_context(environ_base={"REMOTE_ADDR": address})
        with asking, limits.counting() as counting:
            counting.rendered(seconds)
        http = service.http(address)
        with not_collected():
            answers = [http.post("/api/v1/preview", json={"text": "A."}).status_code for _ in range(41)]
        return answers.count(200)

    assert [previews_left(f"192.0.2.{n}", seconds) for n, seconds in enumerate((0.0, 0.019, 0.021, 0.2, 5.0))] == [
        39, 39, 38, 29, 0,
    ]  # fmt: skip


def test_programs_render_for_many_people_and_meet_no_limit_of_texts(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_RENDER="1 per minute")
    program = Moderator(service.http(), service.run("token", "create", "--scope", "post").strip())
    body = {"article": "a", "name": "Ada", "email": "ada@paper.example"}

    answers = [
        program.http.post("/api/v1/comments", json=body | {"text": f"Number {n}."}, headers=program.headers)
        for n in range(3)
    ]

    assert [answer.status_code for answer in answers] == [201] * 3


@pytest.mark.parametrize("path", ["/thread", "/thread/edit"])
def test_a_page_beyond_the_limit_of_reads_keeps_what_was_typed(make_service: MakeService, path: str) -> None:
    service = make_service(RATE_LIMIT_READ="4 per minute")
    reader = service.reader()
    posted = reader.posted("a")
    fields = reader.submission("a", "A long and careful text.") | {"key": posted["edit_key"]}
    query = {"article": "a", "comment": posted["comment"]["id"]}
    for _ in range(2):
        reader.get("/thread", article="a")

    refused = reader.http.post(path, params=query, data=fields)

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert refused.headers["Content-Type"].startswith("text/html")
    assert "A long and careful text." in refused.text
    assert "in 60 seconds" in refused.text
    service.clock.move(seconds=60)
    assert reader.http.post(path, params=query, data=fields).status_code == 303


def forget_all_hits(service: InProcess) -> None:
    engine = service.ours.database.engine
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(delete(RateHitRow))
        return
    with closing(sqlite3.connect(service.data_dir / "limits.db")) as counters, counters:
        counters.execute("DELETE FROM hits")


def test_to_go_on_asking_beyond_a_limit_asks_no_storage_and_lengthens_no_wait(service: InProcess) -> None:
    reader = service.reader()
    submission = reader.submission("a")
    statuses(reader, 5)
    assert reader.send(submission).status_code == 429
    forget_all_hits(service)

    assert reader.send(submission | {"text": "Again."}).headers["Retry-After"] == "60"
    service.clock.move(seconds=60)
    assert reader.send(submission).status_code == 201


def test_whoever_reads_too_much_may_still_post(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_READ="2 per minute")
    reader = service.reader()
    submission = reader.submission("a")
    assert [reader.get("/thread", article="a").status_code for _ in range(2)] == [200, 429]

    assert reader.send(submission).status_code == 201


def test_an_answer_tells_nobody_how_much_another_has_left(service: InProcess) -> None:
    reader = service.reader()

    answers = [
        reader.get("/api/v1/thread", article="a"),
        reader.get("/thread", article="a"),
        reader.post("a"),
    ]

    assert not [name for answer in answers for name in answer.headers if "ratelimit" in name]


def test_attempts_to_sign_in_are_counted_per_client(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_SIGN_IN="2 per minute")
    desk = Desk(service.http())

    answers = [desk.sign_in(email=f"{n}@paper.example") for n in range(3)]

    assert [answer.status_code for answer in answers] == [422] * 2 + [429]
    assert answers[2].headers["Retry-After"] == "60"
    assert "Please wait 60 seconds." in answers[2].text
    assert Desk(service.http("198.51.100.7")).sign_in(email="x@paper.example").status_code == 422


@pytest.mark.parametrize("typed", [" RENÉ@paper.example", "RENE\u0301@PAPER.EXAMPLE "])
def test_attempts_to_sign_in_are_counted_per_account_in_every_spelling(
    make_service: MakeService, typed: str
) -> None:
    service = make_service(RATE_LIMIT_SIGN_IN="2 per minute")
    for n in range(2):
        assert Desk(service.http(f"198.51.100.{n}"), "rené@paper.example").sign_in().status_code == 422

    assert Desk(service.http("198.51.100.9"), typed).sign_in().status_code == 429
    assert Desk(service.http("198.51.100.9"), "else@paper.example").sign_in().status_code == 422


def test_who_was_kept_out_comes_in_after_the_wait(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_SIGN_IN="2 per minute")
    service.run("user", "add", "editor@paper.example", input=PASSWORD + "\n")
    desk = Desk(service.http())
    answers = [desk.sign_in(password="wrong"), desk.sign_in(password="wrong"), desk.sign_in()]
    assert [answer.status_code for answer in answers] == [422, 422, 429]

    service.clock.move(seconds=int(answers[2].headers["Retry-After"]))

    assert desk.sign_in().status_code == 303


def test_failures_make_the_pauses_grow(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_SIGN_IN="2 per minute")
    desk = Desk(service.http())
    began = service.clock.now
    pauses: list[int] = []

    while len(pauses) < 12:
        answer = desk.sign_in(password="wrong")
        if answer.status_code == 429:
            pauses.append(int(answer.headers["Retry-After"]))
            service.clock.move(seconds=pauses[-1])

    assert pauses[0] == 60
    assert 60 < max(pauses[:4]) <= 300
    assert max(pauses) > 3000
    assert service.clock.now - began > timedelta(hours=2)


def test_who_signs_in_often_is_not_slowed_as_who_guesses(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_SIGN_IN="2 per minute")
    service.run("user", "add", "editor@paper.example", input=PASSWORD + "\n")

    for number in range(12):
        assert Desk(service.http(f"198.51.100.{number}")).sign_in().status_code == 303
        service.clock.move(seconds=31)


def test_nobody_keeps_the_owner_out_of_a_browser_that_signed_in_before(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_SIGN_IN="2 per minute")
    service.run("user", "add", "editor@paper.example", input=PASSWORD + "\n")
    owner, stranger = Desk(service.http()), Desk(service.http())
    owner.sign_in()
    owner.sign_out()

    attack = [Desk(service.http(f"198.51.100.{n}")).sign_in(password="guess") for n in range(3)]
    from_here = [stranger.sign_in(password="guess") for _ in range(2)]

    assert [answer.status_code for answer in attack] == [422, 429, 429]
    assert [answer.status_code for answer in from_here] == [429, 429]
    assert owner.sign_in().status_code == 303


@pytest.mark.parametrize("kept", ["", "x", "{name}", "{name}.{name}", "{name}.{signature}x", '"', "." * 400])
def test_a_made_up_browser_has_no_count_of_its_own(make_service: MakeService, kept: str) -> None:
    service = make_service(RATE_LIMIT_SIGN_IN="1 per minute")
    service.run("user", "add", "editor@paper.example", input=PASSWORD + "\n")
    owner = Desk(service.http())
    owner.sign_in()
    name, signature = owner.http.cookies["commentsvc_device"].split(".")
    cookie = kept.format(name=name, signature=signature)
    thief = Desk(service.http(headers={"Cookie": f"commentsvc_device={cookie}".encode()}))

    token = csrf_token(thief.http.get("/moderation/sign-in"))
    answer = thief.http.post(
        "/moderation/sign-in", data={"email": EMAIL, "password": "x", "csrf_token": token}
    )

    assert answer.status_code in {422, 429}
    assert Desk(service.http("198.51.100.9")).sign_in(password="x").status_code == 429


def test_a_known_browser_is_limited_too_and_for_its_own_account_alone(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_SIGN_IN="2 per minute")
    service.run("user", "add", "editor@paper.example", input=PASSWORD + "\n")
    owner = Desk(service.http())
    owner.sign_in()
    for n in range(2):
        Desk(service.http(f"198.51.100.{n}"), "else@paper.example").sign_in()

    own = [owner.sign_in(password="wrong").status_code for _ in range(3)]

    assert own == [422, 422, 429]
    assert owner.sign_in(email="else@paper.example").status_code == 429


def test_viewing_and_posting_set_no_cookie_for_who_signed_in(make_service: MakeService) -> None:
    service = make_service()
    service.run("user", "add", "editor@paper.example", input=PASSWORD + "\n")
    owner = Desk(service.http())
    signed_in = owner.sign_in()

    [device] = [one for one in signed_in.headers.get_list("Set-Cookie") if "device" in one]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in device.split(";")}
    for address in ("/thread?article=a", "/api/v1/thread?article=a", "/api/v1/form?article=a"):
        assert "Set-Cookie" not in owner.http.get(address).headers


def test_a_program_is_counted_as_a_reader(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_POST=FIVE)
    token = service.run("token", "create", "--scope", "post").strip()
    program = Moderator(service.http(), token)
    body = {"article": "a", "name": "Ada", "email": "ada@paper.example"}

    answers = [
        program.http.post("/api/v1/comments", json=body | {"text": f"Number {n}."}, headers=program.headers)
        for n in range(7)
    ]

    assert [answer.status_code for answer in answers] == [201] * 7


def test_no_client_is_named_where_they_are_counted(service: InProcess) -> None:
    for address in ("203.0.113.77", "2001:db8:77:77::77"):
        service.reader(address).post("a")

    counters = b"".join(file.read_bytes() for file in service.data_dir.glob("limits.db*"))
    if service.ours.database.engine.dialect.name == "postgresql":
        with service.ours.database.engine.connect() as connection:
            counters = repr(connection.execute(select(RateHitRow.__table__)).all()).encode()
    assert counters != b"[]"
    assert counters
    assert not [part for part in (b"203.0.113", b"2001:db8", b"\xcb\x00\x71\x4d") if part in counters]


@pytest.mark.slow
def test_of_ten_at_once_on_four_workers_exactly_five_pass(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--workers", "4", RATE_LIMIT_POST=FIVE) as live:
        reader = live.reader()
        submissions = [reader.submission("a", f"Number {n}.") for n in range(10)]

        def send(submission: dict[str, str]) -> int:
            return live.http().post("/api/v1/comments", json=submission).status_code

        with ThreadPoolExecutor(10) as pool:
            answers = Counter(pool.map(send, submissions))

        assert answers == {201: 5, 429: 5}
        assert reader.thread("a")["count"] == 5


def test_posts_beyond_the_limit_are_attempts(service: InProcess) -> None:
    reader = service.reader()
    assert statuses(reader, 5) == [201] * 5

    limits = Counter(reader.post("a", f"Late {n}.").headers["RateLimit-Limit"] for n in range(50))

    assert limits == {"5": 45, "50": 5}


@pytest.fixture
def counted(service: InProcess) -> Callable[[], int]:
    """How many transactions the limits' storage has done, in a file or in PostgreSQL."""
    if service.ours.database.engine.dialect.name == "sqlite":
        return lambda: commits_of(service.data_dir)
    storage = service.app.extensions["commentsvc.limits"]._limiter._storage
    taken: list[object] = []
    event.listen(storage._pool, "checkout", lambda *connection: taken.append(connection))
    return lambda: len(taken)


def commits_of(data_dir: Path) -> int:
    """How many transactions stand in the log of the limits' file (https://sqlite.org/fileformat2.html#walformat)."""
    log = (data_dir / "limits.db-wal").read_bytes()
    page = int.from_bytes(log[8:12])
    frames = [log[start : start + 24] for start in range(32, len(log), 24 + page)]
    # The second number of a frame is not 0 where a transaction ends with it.
    return sum(1 for frame in frames if any(frame[4:8]) and frame[8:16] == log[16:24])


@pytest.mark.parametrize(
    ("send", "transactions"),
    [
        (lambda http, submission: http.post("/api/v1/comments", json=submission), 1),
        (lambda http, submission: http.post("/api/v1/comments", json=submission | {"email": "none"}), 1),
        (lambda http, _: http.post("/api/v1/comments", content=b"{"), 1),
        (lambda http, _: http.post("/api/v1/preview", json={"text": "A."}), 1),
        # The page counts as a read besides.
        (lambda http, submission: http.post("/thread?article=new", data=submission), 2),
    ],
)
def test_all_that_a_post_counts_as_is_one_transaction(
    service: InProcess,
    counted: Callable[[], int],
    send: Callable[[httpx.Client, dict[str, str]], httpx.Response],
    transactions: int,
) -> None:
    reader = service.reader("2001:db8::1")
    submission = reader.submission("new", "It begins a thread.")
    before = counted()

    send(reader.http, submission)

    assert counted() - before == transactions
