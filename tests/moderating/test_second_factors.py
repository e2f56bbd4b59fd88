"""Second factors: an app, passkeys and recovery codes; each code is taken once, and a site can require one."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from html import unescape

import httpx
import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.access import accounts, passkeys
from commentsvc.actions import second_factors
from commentsvc.model import Browser
from commentsvc.settings import PREFIX, Settings
from tests.conftest import MakeService
from tests.moderating.authenticator import Authenticator
from tests.moderating.desk import EMAIL, PASSWORD, Desk, csrf_token
from tests.moderating.people import admin_of, proof
from tests.moderating.second_factors import codes_of, half_signed_in, second_step, send, set_up_app
from tests.people import Moderator
from tests.running_service import InProcess

BASE = "http://localhost:5000"
WRONG_CODE = "This code is not right, or was used before."


# Authenticator apps


def test_a_password_alone_opens_nothing_once_an_app_is_set_up(service: InProcess, desk: Desk) -> None:
    app, codes = set_up_app(service, desk)
    assert len(set(codes)) == 10

    other = half_signed_in(service)
    assert other.queue().status_code == 303
    assert other.http.get("/api/v1/moderation/comments").status_code == 403
    assert other.account().headers["Location"] == "/moderation/sign-in"

    assert second_step(other, app.at(service.clock())).headers["Location"] == "/moderation"
    assert other.queue().status_code == 200
    assert (
        service.http().get("/moderation/sign-in/second-factor").headers["Location"] == "/moderation/sign-in"
    )


def test_a_wrong_password_is_answered_alike_with_and_without_a_second_factor(
    service: InProcess, desk: Desk
) -> None:
    before = Desk(service.http()).sign_in(password="wrong one")
    set_up_app(service, desk)

    after = Desk(service.http()).sign_in(password="wrong one")

    assert before.status_code == after.status_code == 422
    assert [re.sub(r'value="[^"]*"', "", page.text) for page in (before, after)] == [
        re.sub(r'value="[^"]*"', "", before.text)
    ] * 2


@pytest.mark.parametrize(
    ("seconds", "is_taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_clocks_may_differ_by_one_step(service: InProcess, desk: Desk, seconds: int, is_taken: bool) -> None:
    app, _ = set_up_app(service, desk)

    answer = second_step(half_signed_in(service), app.at(service.clock() + timedelta(seconds=seconds)))

    assert (answer.status_code == 303) is is_taken


def test_a_code_is_taken_once_and_none_from_before_it(service: InProcess, desk: Desk) -> None:
    app, _ = set_up_app(service, desk)
    now = service.clock()
    assert second_step(half_signed_in(service), f" {app.at(now)[:3]} {app.at(now)[3:]} ").status_code == 303

    again = second_step(half_signed_in(service), app.at(now))
    before = second_step(half_signed_in(service), app.at(now - timedelta(seconds=30)))

    assert (again.status_code, before.status_code) == (422, 422)
    assert WRONG_CODE in again.text
    assert second_step(half_signed_in(service), app.at(now + timedelta(seconds=30))).status_code == 303


@pytest.mark.parametrize(
    "code", ["", "000000", "12345", "１２３４５６", "\0", "код", "x" * 5000, "-1", "٣" * 6]
)
def test_what_is_no_code_is_refused(service: InProcess, desk: Desk, code: str) -> None:
    set_up_app(service, desk)
    other = half_signed_in(service)

    assert second_step(other, code).status_code == 422
    assert other.queue().status_code == 303


def test_codes_are_limited_with_growing_pauses_as_passwords_are(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_SIGN_IN="5 per minute")
    service.run("user", "add", EMAIL, input=PASSWORD + "\n")
    desk = Desk(service.http())
    desk.sign_in()
    set_up_app(service, desk)
    service.clock.move(hours=3)
    thief = half_signed_in(service)

    answers = [second_step(thief, f"00000{n}").status_code for n in range(5)]
    assert answers == [422] * 4 + [429]
    pauses = []
    for _ in range(4 * 6):
        service.clock.move(seconds=10)
        pauses.append(int(second_step(thief, "000000").headers.get("Retry-After", "0")))
    assert max(pauses) > 60
    assert thief.queue().status_code == 303


def test_half_a_sign_in_goes_on_at_a_node_whose_clock_is_behind(service: InProcess, desk: Desk) -> None:
    app, _ = set_up_app(service, desk)
    other = half_signed_in(service)

    service.clock.move(seconds=-2)

    assert second_step(other, app.at(service.clock())).headers["Location"] == "/moderation"


def test_half_a_sign_in_ends_soon_and_with_the_password(service: InProcess, desk: Desk) -> None:
    app, _ = set_up_app(service, desk)
    slow, robbed = half_signed_in(service), half_signed_in(service)
    token = csrf_token(robbed.http.get("/moderation/sign-in/second-factor"))

    service.run("user", "password", EMAIL, input="another horse battery\n")
    sent = {"code": app.at(service.clock()), "csrf_token": token}
    ended = robbed.http.post("/moderation/sign-in/second-factor", data=sent)
    assert ended.headers["Location"] == "/moderation/sign-in"

    later = half_signed_in(service, Desk(service.http(), password="another horse battery"))
    service.clock.move(minutes=10)
    for one in (slow, later):
        answer = one.http.get("/moderation/sign-in/second-factor")
        assert answer.headers["Location"] == "/moderation/sign-in"


def test_sessions_from_before_a_second_factor_end_with_it(service: InProcess, desk: Desk) -> None:
    """Else a session by a stolen password would do all again, once its owner has what the site requires."""
    thief = Desk(service.http())
    thief.sign_in()
    service.run("site", "set", "sports", "--second-factor", "on")
    assert thief.queue().headers["Location"] == "/moderation/account"

    set_up_app(service, desk)

    assert desk.queue().status_code == 200
    assert thief.queue().headers["Location"] == "/moderation/sign-in"
    assert thief.http.get("/api/v1/moderation/people/me").status_code == 403


def test_no_session_begins_with_a_password_that_is_changed_at_the_same_time(
    service: InProcess, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed_once_verified(*_: object) -> None:
        service.run("user", "password", EMAIL, input="another horse battery\n")

    with monkeypatch.context() as patched:
        patched.setattr(accounts, "renewed_hash", changed_once_verified)
        assert Desk(service.http()).sign_in().status_code == 422

    service.run("user", "password", EMAIL, input=PASSWORD + "\n")
    desk.sign_in()
    app, codes = set_up_app(service, desk)
    with service.ours.reading() as work:
        account = work.accounts.by_email(EMAIL)
    assert account is not None
    service.run("user", "password", EMAIL, input="another horse battery\n")
    for code in (app.at(service.clock()), codes[0]):
        assert second_factors.sign_in_with_code(service.ours, account, code, Browser("Firefox", "en")) is None


def test_a_hash_by_other_rules_is_renewed_also_where_a_second_step_follows(
    service: InProcess, desk: Desk
) -> None:
    app, _ = set_up_app(service, desk)
    old = PasswordHasher(time_cost=3, memory_cost=16, parallelism=1).hash(PASSWORD)
    with service.ours.unit_of_work() as work:
        account = work.accounts.by_email(EMAIL)
        assert account is not None
        work.accounts.set_password(account.id, old)

    other = half_signed_in(service)

    assert second_step(other, app.at(service.clock())).status_code == 303
    with service.ours.reading() as work:
        renewed = work.accounts.by_email(EMAIL)
    assert renewed is not None
    assert renewed.password_hash != old


def test_an_app_is_set_up_and_removed_with_the_password_alone(service: InProcess, desk: Desk) -> None:
    assert "This is not your current password." in send(desk, "app", password="wrong").text
    assert desk.http.get("/moderation/account/app").headers["Location"] == "/moderation/account"
    send(desk, "app")
    wrong = send(desk, "app/confirm", code="000000")
    assert (wrong.status_code, WRONG_CODE in wrong.text) == (422, True)
    assert Desk(service.http()).sign_in().headers["Location"] == "/moderation"  # not confirmed: no factor yet

    app, codes = set_up_app(service, desk)
    assert "already" in send(desk, "app").text
    assert (
        send(desk, "app/confirm", code=app.at(service.clock())).headers["Location"] == "/moderation/account"
    )
    renewed = codes_of(send(desk, "recovery-codes"))
    assert not set(renewed) & set(codes)
    assert send(desk, "app/remove", password="wrong").status_code == 422
    assert send(desk, "app/remove").status_code == 303

    assert Desk(service.http()).sign_in().headers["Location"] == "/moderation"
    assert "factor first" in send(desk, "recovery-codes").text
    with closing(sqlite3.connect(service.data_dir / "comments.db")) as database:
        assert database.execute("SELECT count(*) FROM recovery_code").fetchone() == (0,)


def test_sessions_that_a_removed_factor_began_end_with_it(service: InProcess, desk: Desk) -> None:
    """Else who took a phone would stay signed in, once its owner has removed the app on it."""
    app, _ = set_up_app(service, desk)
    thief = half_signed_in(service)
    second_step(thief, app.at(service.clock()))
    assert thief.queue().status_code == 200

    send(desk, "app/remove")

    assert "All other browsers are signed out." in desk.account().text
    assert thief.queue().headers["Location"] == "/moderation/sign-in"
    assert thief.http.get("/api/v1/moderation/people/me").status_code == 403


def test_nothing_of_it_is_changed_by_a_page_of_others(service: InProcess, desk: Desk) -> None:
    paths = ["app", "app/confirm", "app/remove", "passkeys", "passkeys/remove", "recovery-codes"]
    send(desk, "app")

    answers = [send(desk, path, csrf_token="forged").status_code for path in paths]

    assert answers == [422] * len(paths)
    assert Desk(service.http()).sign_in().headers["Location"] == "/moderation"


def test_the_secret_of_an_app_is_sealed(make_service: MakeService) -> None:
    service = make_service()
    service.run("user", "add", EMAIL, "--role", "admin", input=PASSWORD + "\n")
    desk = Desk(service.http())
    desk.sign_in()
    app, _ = set_up_app(service, desk)

    with closing(sqlite3.connect(service.data_dir / "comments.db")) as database:
        dump = "\n".join(database.iterdump())
    assert app.secret not in dump
    assert app.secret.encode().hex() not in dump.lower()


# Recovery codes


def test_a_recovery_code_stands_in_once(service: InProcess, desk: Desk) -> None:
    _, codes = set_up_app(service, desk)
    mine = half_signed_in(service)
    assert second_step(mine, codes[0].upper().replace("-", " ")).status_code == 303
    assert "9 are left" in mine.account().text

    stolen = second_step(half_signed_in(service), codes[0])

    assert (stolen.status_code, WRONG_CODE in stolen.text) == (422, True)
    with closing(sqlite3.connect(service.data_dir / "comments.db")) as database:
        assert codes[1] not in "\n".join(database.iterdump())


def test_what_was_done_stands_in_the_trail_without_secrets(
    service: InProcess, moderator: Moderator, desk: Desk
) -> None:
    _, codes = set_up_app(service, desk)
    other = half_signed_in(service)
    second_step(other, "000000")
    second_step(other, codes[0])
    send(desk, "app/remove")

    lines = moderator.request("GET", "/audit").json()["entries"][:5]

    assert [line["kind"] for line in lines] == [
        "second-factor-removed",
        "sign-in",
        "sign-in-failed",
        "recovery-codes-created",
        "second-factor-added",
    ]
    assert lines[1]["what"]["factor"] == "recovery code"
    assert (lines[2]["by"], lines[2]["what"]["step"]) == ("", "second factor")
    assert "@" not in str(lines)


# A site that requires one


def test_who_has_none_where_a_site_requires_one_sets_it_up_and_can_do_nothing_else(
    service: InProcess, desk: Desk, moderator: Moderator
) -> None:
    service.run("user", "add", "bo@paper.example", "--site", "default", input=PASSWORD + "\n")
    elsewhere = Desk(service.http(), "bo@paper.example")
    elsewhere.sign_in()
    headers = proof(desk)

    service.run("site", "set", "sports", "--second-factor", "on")

    assert "second factor: required" in service.run("site", "list").partition("sports")[2]
    for path in ("", "/people", "/tokens"):
        assert desk.http.get(f"/moderation{path}").headers["Location"] == "/moderation/account"
    refused = desk.http.get("/api/v1/moderation/comments")
    assert (refused.status_code, "second factor" in refused.json()["detail"]) == (403, True)
    body = {"kind": "word", "value": "x", "action": "hold"}
    assert desk.http.post("/api/v1/moderation/blocks", json=body, headers=headers).status_code == 403
    assert desk.http.get("/api/v1/moderation/sessions").status_code == 403
    assert "Set up an authenticator app or a passkey" in desk.account().text
    assert elsewhere.queue().status_code == 200  # no site of theirs
    assert moderator.queue() == []  # nor a program

    set_up_app(service, desk)
    assert desk.queue().status_code == 200
    send(desk, "app/remove")
    assert desk.queue().headers["Location"] == "/moderation/account"
    service.run("site", "set", "sports", "--second-factor", "off")
    assert desk.queue().status_code == 200


def test_who_lost_all_is_helped_by_an_admin_or_the_operator(
    service: InProcess, desk: Desk, moderator: Moderator
) -> None:
    admin = admin_of(service)
    [me] = admin.request("GET", "/people").json()["people"]
    set_up_app(service, desk)
    assert admin.request("GET", "/people").json()["people"][0]["second_factor"] is True
    assert admin.request("PATCH", f"/people/{me['id']}", json={"second_factor": True}).status_code == 422

    changed = admin.request("PATCH", f"/people/{me['id']}", json={"second_factor": False})

    assert changed.json()["second_factor"] is False
    assert desk.queue().status_code == 303
    assert desk.sign_in().headers["Location"] == "/moderation"
    set_up_app(service, desk)
    assert "signed them out" in service.run("user", "reset-second-factor", EMAIL.upper())
    assert desk.sign_in().headers["Location"] == "/moderation"


# Passkeys


@pytest.fixture
def named(make_service: MakeService) -> InProcess:
    """A service under a name, where passkeys can be."""
    service = make_service(BASE_URL=BASE)
    service.run("user", "add", EMAIL, "--role", "admin", input=PASSWORD + "\n")
    return service


@pytest.fixture
def at_name(named: InProcess) -> Desk:
    desk = Desk(named.http())
    assert desk.sign_in().status_code == 303
    return desk


def options_in(page: httpx.Response) -> str:
    found = re.search(r'data-options="([^"]+)"', page.text)
    assert found is not None, page.text
    return unescape(found[1])


def add(desk: Desk, device: Authenticator, **fields: str) -> httpx.Response:
    credential = device.create(options_in(desk.account()))
    return send(desk, "passkeys", **({"credential": credential, "label": "Laptop"} | fields))


def options_to_sign_in(desk: Desk) -> str:
    return options_in(desk.http.get("/moderation/sign-in/second-factor"))


def test_a_passkey_signs_in_and_is_removed(named: InProcess, at_name: Desk) -> None:
    device = Authenticator(BASE)
    assert len(codes_of(add(at_name, device))) == 10
    assert "Laptop" in at_name.account().text
    assert "known already" in add(at_name, device).text

    other = half_signed_in(named)
    device.count += 1
    assert second_step(other, credential=device.sign(options_to_sign_in(other))).status_code == 303
    assert other.queue().status_code == 200

    passkey = re.search(r'name="passkey" value="([\w-]+)"', at_name.account().text)
    assert passkey is not None
    assert send(at_name, "passkeys/remove", passkey="x").status_code == 404
    assert send(at_name, "passkeys/remove", passkey=passkey[1]).status_code == 303
    assert Desk(named.http()).sign_in().headers["Location"] == "/moderation"


@pytest.mark.soak
def test_a_passkey_that_was_copied_or_caught_opens_nothing(named: InProcess, at_name: Desk) -> None:
    device = Authenticator(BASE, count=5)
    add(at_name, device)
    other = half_signed_in(named)
    options = options_to_sign_in(other)
    device.count = 6
    caught = device.sign(options)
    assert second_step(other, credential=caught).status_code == 303
    named.clock.move(seconds=1)

    def tried(credential: str) -> int:
        return second_step(half_signed_in(named), credential=credential).status_code

    fresh = options_to_sign_in(half_signed_in(named))
    copied = Authenticator(BASE, 6, device.credential_id, device.key)
    stranger = Authenticator(BASE, 9, device.credential_id)
    unknown = Authenticator(BASE, 9)
    assert tried(caught) == 422
    assert tried(copied.sign(fresh)) == 422  # it counted no further
    device.count = 7
    assert tried(device.sign(options)) == 422  # a challenge from before the last use
    assert tried(stranger.sign(fresh)) == 422
    assert tried(unknown.sign(fresh)) == 422
    assert tried(device.sign(fresh, origin="https://evil.example")) == 422
    assert (
        tried(device.sign(options_in(at_name.account()).replace('"rp"', '"rpId": "localhost", "rp"'))) == 422
    )
    named.clock.move(minutes=11)
    assert tried(device.sign(fresh)) == 422
    assert tried(device.sign(options_to_sign_in(half_signed_in(named)))) == 303


def test_a_device_that_does_not_count_signs_no_challenge_twice(named: InProcess, at_name: Desk) -> None:
    device = Authenticator(BASE)
    add(at_name, device)
    other = half_signed_in(named)
    credential = device.sign(options_to_sign_in(other))

    first = second_step(other, credential=credential)
    second = second_step(half_signed_in(named), credential=credential)

    assert (first.status_code, second.status_code) == (303, 422)


def test_under_a_path_a_passkey_is_bound_to_the_host_and_good_from_its_origin_alone(
    make_service: MakeService,
) -> None:
    service = make_service(BASE_URL="https://talk.example/comments")
    service.run("user", "add", EMAIL, input=PASSWORD + "\n")
    with service.ours.reading() as work:
        account = work.accounts.by_email(EMAIL)
    assert account is not None
    options = passkeys.creation_options(service.ours, account, [])
    assert json.loads(options)["rp"]["id"] == "talk.example"

    made = Authenticator("https://talk.example").create(options)
    assert passkeys.registered(service.ours, account, "Laptop", made).label == "Laptop"
    for origin in ("https://talk.example:8443", "http://talk.example", "https://www.talk.example"):
        elsewhere = Authenticator(origin).create(options)
        with pytest.raises(ValueError, match="no passkey"):
            passkeys.registered(service.ours, account, "Laptop", elsewhere)


def test_who_is_removed_leaves_no_factor_to_the_next_account(service: InProcess, desk: Desk) -> None:
    """SQLite gives a row number again: what is left of an account would be that of another."""
    set_up_app(service, desk)
    service.run("user", "remove", EMAIL)
    with closing(sqlite3.connect(service.data_dir / "comments.db")) as database:
        for table in ("totp", "recovery_code", "passkey", "invitation", "session"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)

    service.run("user", "add", EMAIL, input=PASSWORD + "\n")

    assert Desk(service.http()).sign_in().headers["Location"] == "/moderation"


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:5000", "https://[2001:db8::7]", "http://intranet"])
def test_where_there_can_be_no_passkeys_the_page_says_why(make_service: MakeService, base_url: str) -> None:
    service = make_service(BASE_URL=base_url)
    service.run("user", "add", EMAIL, input=PASSWORD + "\n")
    desk = Desk(service.http())
    desk.http.base_url = httpx.URL(base_url)
    desk.sign_in()

    page = desk.account()

    assert "data-options" not in page.text
    assert "Browsers make" in page.text
    assert send(desk, "passkeys", credential="{}").status_code == 422


@pytest.mark.unit
@pytest.mark.parametrize(
    ("base_url", "is_possible"),
    [
        ("https://talk.example/comments", True),
        ("http://localhost:5000", True),
        ("http://[::1]:5000", False),
        ("https://192.0.2.1", False),
        ("http://intranet", False),
    ],
)
def test_passkeys_need_a_name_and_a_secure_way(base_url: str, is_possible: bool) -> None:
    settings = Settings.from_environ({PREFIX + "BASE_URL": base_url})

    assert (passkeys.why_none(settings) is None) is is_possible


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.soak
def test_what_no_browser_sends_is_refused(named: InProcess, at_name: Desk) -> None:
    """Each part of a right answer in turn is something else."""
    device = Authenticator(BASE)
    service = named.ours
    with service.reading() as work:
        account = work.accounts.by_email(EMAIL)
    assert account is not None
    right = json.loads(device.create(passkeys.creation_options(service, account, [])))
    assert passkeys.registered(service, account, "Laptop", json.dumps(right)).sign_count == 0

    @given(st.sampled_from([*right, *right["response"]]), JUNK)
    def refused(name: str, junk: object) -> None:
        part = right["response"] if name in right["response"] else right
        altered = part | {name: junk}
        whole = right | {"response": altered} if part is right["response"] else altered
        for sent in (json.dumps(whole), json.dumps(junk), str(junk)):
            if sent == json.dumps(right):
                continue
            with pytest.raises(ValueError, match="no passkey"):
                passkeys.registered(service, account, "Laptop", sent)
            with pytest.raises(ValueError, match="no passkey"):
                passkeys.proof(service, account, [], sent)

    refused()
    for deep in ("[" * 100_000, '{"response":' * 50_000):
        with pytest.raises(ValueError, match="no passkey"):
            passkeys.registered(service, account, "Laptop", deep)
