"""One's own account at the desk, and the operator's work on accounts: passwords, roles, sessions."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.access import passwords, sessions
from tests.command_line import refusal, typed
from tests.conftest import MakeService
from tests.moderating.desk import EMAIL, PASSWORD, Desk, csrf_token
from tests.people import Moderator, Reader
from tests.running_service import InProcess

NEW = "another horse battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/19.0 Mobile/15E148 Safari/604.1"
)


def listed(desk: Desk) -> list[str]:
    """The browsers on which somebody is signed in, as their account shows them."""
    return re.findall(r"<strong>([^<]*)</strong>", desk.account().text)


def end(desk: Desk, session: str) -> None:
    token = csrf_token(desk.account())
    desk.http.post("/moderation/account/sessions/end", data={"csrf_token": token, "session": session})


def ids(desk: Desk) -> list[str]:
    answer = desk.http.get("/api/v1/moderation/sessions")
    return [one["id"] for one in answer.json()["sessions"]]


# One's own password


def test_a_changed_password_signs_in_and_the_old_one_does_not(service: InProcess, desk: Desk) -> None:
    answer = desk.change_password(PASSWORD, NEW)

    assert answer.headers["Location"] == "/moderation/account"
    assert "Your password is changed." in desk.account().text
    assert Desk(service.http()).sign_in().status_code == 422
    assert Desk(service.http(), password=NEW).sign_in().status_code == 303


def test_a_changed_password_signs_out_every_other_browser(service: InProcess, desk: Desk) -> None:
    elsewhere = Desk(service.http())
    elsewhere.sign_in()
    stolen = dict(desk.http.cookies)

    desk.change_password(PASSWORD, NEW)

    assert desk.queue().status_code == 200
    assert elsewhere.queue().status_code == 303
    assert service.http(cookies=stolen).get("/moderation").status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "again", "said"),
    [
        ("wrong", NEW, NEW, "This is not your current password."),
        ("", NEW, NEW, "This is not your current password."),
        (PASSWORD, NEW, NEW + "x", "This is not the same as the new password."),
        (PASSWORD, "short", "short", "A password has 10 to 1000 characters."),
        (PASSWORD, "x" * 1001, "x" * 1001, "A password has 10 to 1000 characters."),
        (PASSWORD, "qwertyuiop", "qwertyuiop", "most common ones"),
        (PASSWORD, "sports2026", "sports2026", "own name"),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(
    service: InProcess, desk: Desk, current: str, new: str, again: str, said: str
) -> None:
    answer = desk.change_password(current, new, again)

    assert answer.status_code == 422
    assert said in answer.text
    assert Desk(service.http()).sign_in().status_code == 303
    assert desk.queue().status_code == 200


def test_a_password_is_not_changed_by_a_page_of_others(service: InProcess, desk: Desk) -> None:
    fields = {"current": PASSWORD, "new": NEW, "again": NEW, "csrf_token": "forged"}

    assert desk.http.post("/moderation/account/password", data=fields).status_code == 422
    assert Desk(service.http()).sign_in().status_code == 303


def test_who_took_over_a_browser_cannot_try_passwords_through(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_SIGN_IN="3 per minute")
    service.run("user", "add", EMAIL, input=PASSWORD + "\n")
    desk = Desk(service.http())
    desk.sign_in()

    answers = [desk.change_password(f"guess {n}", NEW) for n in range(4)]

    assert [answer.status_code for answer in answers] == [422] * 3 + [429]
    assert answers[3].headers["Retry-After"] == "60"


# Which passwords will do


@pytest.mark.unit
@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "QwertyUiop",
        "ｑｗｅｒｔｙｕｉｏｐ",  # full width: the same after NFKC
        "monkey2026!",
        "2026monkey",
        "aaaaaaaaaaaa",
        "1q2w3e4r5t",
        "Sports-Desk",
        "desk.sports",
        "comments2026",
        "kim-sample1",
        "talk.example",
        "password-sports-12",
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(ValueError, match="choose another"):
        passwords.check(password, ["sports-desk", "https://talk.example", "Kim Sample"])


@pytest.mark.unit
@pytest.mark.parametrize(
    "password", [PASSWORD, NEW, "sports are my one true love", "monkey climbs over the wall", "x7!kQ2#mZp"]
)
def test_what_is_long_and_ones_own_will_do(password: str) -> None:
    passwords.check(password, ["sports-desk", "https://talk.example", "Kim Sample"])


@pytest.mark.unit
def test_ten_thousand_common_ones_are_refused() -> None:
    common = passwords.COMMON.read_text().split()
    long = [one for one in common if len(one) >= passwords.SHORTEST_PASSWORD]

    assert len(common) > 10_000
    assert len(long) > 2_000
    for password in long:
        with pytest.raises(ValueError, match="choose another"):
            passwords.check(password.title(), [])


@pytest.mark.unit
@given(st.text(max_size=40), st.lists(st.text(max_size=12), max_size=4))
def test_any_text_is_a_password_or_is_told_why_not(password: str, words: list[str]) -> None:
    told = ""
    try:
        passwords.check(password, words)
    except ValueError as why:
        told = str(why)
    assert told.endswith(".") or len(password) >= passwords.SHORTEST_PASSWORD


# Sessions


def test_sessions_are_listed_and_ended_one_by_one(service: InProcess, desk: Desk) -> None:
    phone = Desk(service.http(headers={"User-Agent": SAFARI}))
    phone.sign_in()
    desktop = Desk(service.http(headers={"User-Agent": FIREFOX}))
    service.clock.move(minutes=2)
    desktop.sign_in()

    assert listed(desktop)[0] == "Firefox, Linux"
    assert "Safari, iPhone" in listed(desktop)
    assert desktop.account().text.count("this browser") == 1

    end(desktop, ids(phone)[[one["browser"] for one in described(phone)].index("Safari, iPhone")])

    assert phone.queue().status_code == 303
    assert desktop.queue().status_code == desk.queue().status_code == 200
    assert "Safari, iPhone" not in listed(desktop)


def described(desk: Desk) -> list[dict[str, object]]:
    sessions: list[dict[str, object]] = desk.http.get("/api/v1/moderation/sessions").json()["sessions"]
    return sessions


def test_nobody_sees_or_ends_the_sessions_of_others(service: InProcess, desk: Desk) -> None:
    service.run("user", "add", "bo@paper.example", input=PASSWORD + "\n")
    other = Desk(service.http(), "bo@paper.example")
    other.sign_in()
    [theirs] = ids(other)

    assert theirs not in ids(desk)
    end(desk, theirs)
    headers = {"X-CSRFToken": csrf_token(desk.queue())}
    assert desk.http.delete(f"/api/v1/moderation/sessions/{theirs}", headers=headers).status_code == 404
    assert other.queue().status_code == 200


def test_a_session_is_ended_through_the_interface_for_programs(service: InProcess, desk: Desk) -> None:
    elsewhere = Desk(service.http())
    elsewhere.sign_in()
    current = {one["id"]: one["current"] for one in described(elsewhere)}
    [mine] = [session for session, is_mine in current.items() if is_mine]

    without = desk.http.delete(f"/api/v1/moderation/sessions/{mine}")
    headers = {"X-CSRFToken": csrf_token(desk.queue())}
    ended = desk.http.delete(f"/api/v1/moderation/sessions/{mine}", headers=headers)

    assert (without.status_code, ended.status_code) == (403, 204)
    assert elsewhere.queue().status_code == 303


def test_an_idle_session_ends_and_one_at_work_does_not(make_service: MakeService) -> None:
    service = make_service(SESSION_IDLE="600", SESSION_LIFETIME="3600")
    service.run("user", "add", EMAIL, input=PASSWORD + "\n")
    idle, busy = Desk(service.http()), Desk(service.http())
    idle.sign_in()
    busy.sign_in()

    for _ in range(2):
        service.clock.move(seconds=599)
        assert busy.queue().status_code == 200

    assert idle.queue().status_code == 303
    assert len(listed(busy)) == 1


def test_a_session_ends_in_any_case(make_service: MakeService) -> None:
    service = make_service(SESSION_IDLE="600", SESSION_LIFETIME="3600")
    service.run("user", "add", EMAIL, input=PASSWORD + "\n")
    busy = Desk(service.http())
    busy.sign_in()

    answers = []
    for _ in range(12):
        service.clock.move(seconds=300)
        answers.append(busy.queue().status_code)

    assert answers == [200] * 11 + [303]


def test_a_thief_of_the_database_gets_no_session(service: InProcess, desk: Desk) -> None:
    name, value = next((one.name, one.value) for one in desk.http.cookies.jar if "session" in one.name)
    request = service.app.test_request_context("/moderation", headers={"Cookie": f"{name}={value}"}).request
    opened = service.app.session_interface.open_session(service.app, request)
    assert opened is not None
    secret = opened["id"]

    with closing(sqlite3.connect(service.data_dir / "comments.db")) as database:
        digests = [row[0] for row in database.execute("SELECT digest FROM session")]
        dump = "\n".join(database.iterdump())

    assert hashlib.sha256(secret.encode()).digest() in digests
    assert secret not in dump


def test_signing_out_makes_the_browser_forget(desk: Desk) -> None:
    assert desk.sign_out().headers["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.parametrize(
    ("user_agent", "browser"),
    [
        (FIREFOX, "Firefox, Linux"),
        (SAFARI, "Safari, iPhone"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        ("<script>alert(1)</script>", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_named_so_that_people_know_it_again(user_agent: str, browser: str) -> None:
    assert sessions.browser_of(user_agent) == browser


# The operator


def test_the_operator_sets_a_password_and_ends_all_sessions(service: InProcess, desk: Desk) -> None:
    said = service.run("user", "password", EMAIL.upper(), input=NEW + "\n")

    assert NEW not in said
    assert desk.queue().status_code == 303
    assert desk.sign_in().status_code == 422
    assert Desk(service.http(), password=NEW).sign_in().status_code == 303


def test_the_operator_signs_somebody_out(service: InProcess, desk: Desk) -> None:
    assert "out everywhere" in service.run("user", "sign-out", EMAIL)

    assert desk.queue().status_code == 303
    assert desk.sign_in().status_code == 303


def test_a_role_holds_from_the_next_request_on(service: InProcess, desk: Desk) -> None:
    headers = {"X-CSRFToken": csrf_token(desk.queue())}
    block = {"kind": "word", "value": "lottery", "action": "hold"}

    service.run("user", "role", EMAIL, "moderator")

    assert desk.http.post("/api/v1/moderation/blocks", json=block, headers=headers).status_code == 403
    assert f"{EMAIL}  moderator" in service.run("user", "list")
    service.run("user", "role", EMAIL, "admin")
    assert desk.http.post("/api/v1/moderation/blocks", json=block, headers=headers).status_code == 201


@pytest.mark.parametrize(
    ("words", "input", "said"),
    [
        (["user", "password", "nobody@paper.example"], NEW, "nobody@paper.example has no account"),
        (["user", "password", EMAIL], "short", "A password has 10 to 1000 characters."),
        (["user", "password", EMAIL], "qwertyuiop", "most common ones"),
        (["user", "password", EMAIL], "editor.paper", "own name"),
        (["user", "role", "nobody@paper.example", "admin"], None, "nobody@paper.example has no account"),
        (["user", "role", EMAIL, "king"], None, "'king' is not one of"),
        (["user", "sign-out", "nobody@paper.example"], None, "nobody@paper.example has no account"),
        (["user", "add", "x@paper.example", "--name", "a\u202eb"], NEW, "turns the text"),
        (["token", "create", "--scope", "post", "--expires", "soon"], None, "An end is a date in the future"),
        (
            ["token", "create", "--scope", "post", "--expires", "2020-01-01"],
            None,
            "An end is a date in the future",
        ),
        (["token", "create", "--scope", "post", "--expires", "0d"], None, "An end is a date in the future"),
        (
            ["token", "create", "--scope", "post", "--expires", "99999d"],
            None,
            "An end is a date in the future",
        ),
        (["token", "create", "--scope", "post", "--label", "a\nb"], None, "A label is one line"),
        (["token", "create", "--scope", "post", "--label", "x" * 101], None, "A label is one line"),
        (["token", "revoke", "nothing"], None, "Unknown API token “nothing”"),
        (["audit", "list", "--kind", "gossip"], None, "'gossip' is not one of"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_what_cannot_be_is_refused_in_one_line(
    service: InProcess, words: list[str], input: str | None, said: str
) -> None:
    result = typed(*words, data_dir=service.data_dir, input=input)

    assert said in refusal(result)


# API tokens


def test_tokens_are_listed_with_what_they_are_for_and_their_last_use(make_service: MakeService) -> None:
    service = make_service()
    token = service.run("token", "create", "--scope", "moderate", "--label", "Night shift").strip()
    service.run("token", "create", "--scope", "post", "--site", "default", "--expires", "30d")

    before = service.run("token", "list").splitlines()
    Moderator(service.http(), token).queue()
    after = service.run("token", "list").splitlines()

    assert re.fullmatch(r"\S{16}  moderate  all sites  never used  Night shift", before[0])
    assert re.fullmatch(r"\S{16}  post  default  never used  expires 2026-12-24 09:00 UTC", before[1])
    assert "last used 2026-11-24 09:00 UTC" in after[0]
    assert token not in "".join(before + after)


def test_a_revoked_token_is_good_for_nothing(make_service: MakeService) -> None:
    service = make_service()
    moderator = service.moderator()
    assert moderator.queue() == []

    service.run("token", "revoke", service.run("token", "list").split()[0])

    assert moderator.request("GET", "/comments").status_code == 403
    assert service.run("token", "list") == ""


@pytest.mark.parametrize(
    ("expires", "seconds"), [("1d", 24 * 3600), ("2026-11-24", 15 * 3600 - 1), ("2026-11-25", 39 * 3600 - 1)]
)
def test_a_token_ends_when_it_was_said_to(make_service: MakeService, expires: str, seconds: int) -> None:
    service = make_service()
    token = service.run("token", "create", "--scope", "moderate", "--expires", expires).strip()
    moderator = Moderator(service.http(), token)

    service.clock.move(seconds=seconds - 1)
    assert moderator.request("GET", "/comments").status_code == 200
    service.clock.move(seconds=1)
    ended = moderator.request("GET", "/comments")

    assert ended.status_code == 403
    assert "has expired" in ended.json()["detail"]
    assert "  expired " in service.run("token", "list")


# An address that is looked for


def test_a_search_for_an_address_leaves_none_in_the_address_of_the_page(
    service: InProcess, reader: Reader, desk: Desk
) -> None:
    for number in range(51):
        reader.comment("a", f"Number {number}.", email="kim@paper.example")
    reader.comment("a", "Of somebody else.")

    for typed_in in ({"email": "KIM@paper.example"}, {"email": "kim@paper.example", "q": "Number"}):
        page = desk.search(**typed_in)
        addresses = re.findall(r'(?:href|action)="([^"]*)"', page.text)
        assert page.text.count('class="queued"') == 50
        assert f'value="{typed_in["email"]}"' in page.text
        assert not [address for address in (*addresses, str(page.url)) if "paper" in address.lower()]
        following = next(address for address in addresses if "cursor=" in address).replace("&amp;", "&")
        assert desk.http.get(following).text.count('class="queued"') == 1


def test_an_address_typed_as_words_leaves_none_either(desk: Desk) -> None:
    page = desk.search(q="kim@paper.example")

    assert "paper" not in str(page.url)
    assert 'value="kim@paper.example"' in page.text


def test_a_link_leads_to_more_by_the_same_address_without_naming_it(reader: Reader, desk: Desk) -> None:
    first = reader.comment("a", "One.", email="kim@paper.example")
    reader.comment("a", "Of somebody else.")
    second = reader.comment("b", "Two.", email="KIM@paper.example")

    link = re.search(r'class="email" href="([^"]+)"', desk.queue(state="approved").text)
    assert link is not None
    page = desk.http.get(link[1])

    assert re.findall(r'class="queued" id="comment-([^"]+)"', page.text) == [first, second]


@pytest.mark.parametrize("search", ["x", "", "é", "x" * 5000])
def test_a_search_that_is_not_ours_shows_the_queue(desk: Desk, search: str) -> None:
    answer = desk.http.get("/moderation", params={"search": search})

    assert answer.status_code == 200
    assert "Nothing waits." in answer.text


def test_a_too_long_search_is_told(desk: Desk) -> None:
    assert "A search has at most 320 characters." in desk.search(email="ä" * 5000).text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"email": "kim@paper.example"}, 200),
        ({"email": "kim@paper.example", "state": ["approved", "spam"], "limit": 5, "article": "a"}, 200),
        ({"state": "approved", "site": "default", "q": None}, 200),
        ({"email_of": "nothing"}, 404),
        ({"state": "new"}, 422),
        ({"state": 7}, 422),
        ({"limit": "many"}, 422),
        ({"limit": 1.5}, 422),
        ({"email": {}}, 422),
        ({"cursor": "x"}, 422),
        ({"site": "nowhere"}, 404),
        ({"article": "x" * 256}, 422),
    ],
    ids=str,
)
def test_programs_search_by_a_body(
    reader: Reader, moderator: Moderator, fields: dict[str, object], status: int
) -> None:
    comment = reader.comment("a", "One.", email="kim@paper.example")

    answer = moderator.request("POST", "/comments/search", json=fields)

    assert answer.status_code == status, answer.text
    if status == 200:
        assert [one["id"] for one in answer.json()["comments"]] == [comment]


@pytest.mark.parametrize("body", [b'{"q": "\\ud800"}', b'{"article": "\\udfff"}', b"[]", b'{"q": "\x00'])
def test_a_body_that_cannot_be_read_is_told_so(moderator: Moderator, body: bytes) -> None:
    headers = moderator.headers | {"Content-Type": "application/json"}

    answer = moderator.http.post("/api/v1/moderation/comments/search", content=body, headers=headers)

    assert answer.status_code in {400, 422}
