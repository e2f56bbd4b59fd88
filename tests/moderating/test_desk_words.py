"""The desk speaks the language of who moderates: no word of its pages, its messages and its script is left out.

All texts are asked for in a language that nobody speaks, in which each letter is another one: what still has its own
never came from a catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from gettext import NullTranslations
from pathlib import Path

import httpx
import pytest
from babel import Locale
from sqlalchemy import text

from commentsvc.jobs.runner import Runner
from commentsvc.model import (
    Action,
    BlockAction,
    BlockKind,
    CheckMode,
    JobState,
    ReportReason,
    Role,
    Scope,
    State,
)
from commentsvc.screening.checks import OWN
from commentsvc.web import languages
from commentsvc.web.desk import labels, script_words
from commentsvc.web.desk.queue import FILTERS
from tests.languages.said import left_in
from tests.moderating.desk import EMAIL, Desk, csrf_token
from tests.moderating.people import admin_of, invited
from tests.moderating.second_factors import half_signed_in, second_step, send, set_up_app
from tests.moderating.test_desk_pages import choose
from tests.moderating.test_reports import report_from
from tests.people import Moderator, Reader
from tests.running_service import InProcess, written

SCRIPTS = Path(languages.__file__).parents[1] / "static" / "desk"
PLACE = re.compile(r"(%\(\w+\)s)")
DISGUISE = {
    ord(letter): ord(letter) - 0x21 + 0xFF01 for letter in map(chr, range(0x21, 0x7F)) if letter.isalpha()
}
NO_WORDS = re.compile(
    r"<(code|kbd|q)[ >].*?</\1>|%\(\w+\)s|\b(default|sports|\d+\.example|API token)\b"
)  # names


class Disguised(NullTranslations):
    """A catalogue in which each text is itself, in wide letters."""

    def gettext(self, message: str) -> str:
        return "".join(
            part if PLACE.fullmatch(part) else part.translate(DISGUISE) for part in PLACE.split(message)
        )

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture
def disguised(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every reader's language is that one; its dates are Japanese, which have no Latin letters."""
    spoken = languages.Language("ja", Disguised(), Locale("ja"))
    monkeypatch.setattr(languages, "_language_of", lambda name: spoken)
    script_words._words_of.cache_clear()
    yield
    script_words._words_of.cache_clear()


def left(page: httpx.Response) -> list[str]:
    """The texts of a page that have English words of their own."""
    assert page.headers["Content-Type"].startswith("text/html"), page.text
    assert '<html lang="ja" dir="ltr">' in page.text
    return left_in(NO_WORDS.sub("", page.text))


@pytest.fixture
def furnished_desk(service: InProcess, desk: Desk, reader: Reader, moderator: Moderator) -> Desk:
    """A desk with something of all that it shows; what people wrote has no Latin letters."""
    reader.name = "Ада"
    asked = reader.posted("1", "1 + 1")
    reader.author_key = asked["author_key"]
    first = asked["comment"]["id"]
    answer = reader.posted("1", "2 https://1.example/", parent=first)
    for words in ("3", "4", "5"):
        assert reader.edit(answer["comment"]["id"], answer["edit_key"], words).status_code == 200
    moderator.rule({"words": ["6"]}, mode="watching", name="Ж")
    moderator.rule({"words": ["7"], "links_at_least": 3, "hours": "22-06", "first_comment": True}, name="Щ")
    moderator.block("word", "8", "hold")
    moderator.block("email", "bo@paper.example", "spam", until="2030-01-01T00:00:00Z")
    six, eight = reader.comment("2", "6"), reader.comment("2", "8")
    reader.comment("2", "9 " + " ".join(f"https://{n}.example/" for n in range(9)))
    spam = reader.posted("3", "10")
    moderator.decide("spam", spam["comment"]["id"], reason="11")
    moderator.decide("trash", reader.comment("3", "12"))
    moderator.decide("purge", reader.comment("3", "13"))
    objected = reader.http.post(
        f"/api/v1/comments/{spam['comment']['id']}/reasons",
        json={"text": "14"},
        headers={"Authorization": f"Bearer {spam['edit_key']}"},
    )
    assert objected.status_code == 202, objected.text
    report_from(service, first, *(f"192.0.2.{n}" for n in range(10, 18)))
    moderator.decide("approve", first, eight)
    report_from(service, six, "192.0.2.30")
    invited(admin_of(service), "bo@paper.example", name="Бо")
    with written(service) as database:  # the log keeps names and reasons as they were
        database.execute(text("UPDATE api_token SET label = 'Ж'"))
        database.execute(text("UPDATE account SET name = 'Ева'"))
        database.execute(text("UPDATE decision SET by_name = 'Ж', reason = 'Ж'"))
    return desk


def pages(desk: Desk, service: InProcess, moderator: Moderator) -> dict[str, list[str]]:
    """The addresses of all pages of the desk, by their routes."""
    comment = moderator.queue(limit="1", state="approved")[0]["id"]
    job = moderator.request("POST", "/jobs", json={"action": "hold", "filter": {"article": "1"}}).json()[
        "job"
    ]
    Runner(service.ours, lambda _seconds: False).run_job(job["id"])
    return {
        "/moderation": [
            "/moderation?" + query
            for query in ("", "state=approved", "state=spam", "state=trash", "reported=1", "q=nothing", "since=x", "order=x", "links=2", "network=x")
        ],
        "/moderation/comments/<comment>": [f"/moderation/comments/{comment}"],
        "/moderation/thread": ["/moderation/thread?article=1", "/moderation/thread?article=2"],
        "/moderation/decide/all": [f"/moderation/decide/all?{query}" for query in ("", "article=1&check=links", "since=x")],
        "/moderation/jobs/<job>": [f"/moderation/jobs/{job['id']}"],
        "/moderation/log": ["/moderation/log", f"/moderation/log?comment={comment}", "/moderation/log?cursor=x"],
        "/moderation/rules": ["/moderation/rules", "/moderation/rules?cursor=x"],
        "/moderation/figures": ["/moderation/figures", "/moderation/figures?days=x", "/moderation/figures?days=9999"],
        "/moderation/people": ["/moderation/people"],
        "/moderation/person": ["/moderation/person"],
        "/moderation/tokens": ["/moderation/tokens"],
        "/moderation/webhooks": ["/moderation/webhooks"],
        "/moderation/outbox": ["/moderation/outbox", "/moderation/outbox?state=dead", "/moderation/outbox?state=x"],
        "/moderation/account": ["/moderation/account"],
        "/moderation/invitation": ["/moderation/invitation"],
        "/moderation/sign-in": ["/moderation/sign-in"],
    }  # fmt: skip


def test_of_every_page(
    furnished_desk: Desk, service: InProcess, moderator: Moderator, disguised: None
) -> None:
    by_route = pages(furnished_desk, service, moderator)

    addresses = [address for addresses in by_route.values() for address in addresses]
    in_english = {address: left(furnished_desk.http.get(address)) for address in addresses}
    assert {address: texts for address, texts in in_english.items() if texts} == {}
    # Those are all there are, besides what a second factor has to do with, and the news, which are no page.
    elsewhere = {"/moderation/news", "/moderation/account/app", "/moderation/sign-in/second-factor"}
    routes = {
        rule.rule
        for rule in service.app.url_map.iter_rules()
        if rule.rule.startswith("/moderation") and "GET" in (rule.methods or ())
    }
    assert routes == set(by_route) | elsewhere


@pytest.mark.soak
def test_of_the_pages_of_a_second_factor(service: InProcess, desk: Desk, disguised: None) -> None:
    assert send(desk, "app").status_code == 303
    assert left(desk.http.get("/moderation/account/app")) == []
    set_up_app(service, desk)
    assert left(desk.account()) == []
    other = half_signed_in(service)
    assert left(other.http.get("/moderation/sign-in/second-factor")) == []
    assert left(second_step(other, "000000")) == []
    for path, typed in [
        ("recovery-codes", {}),
        ("recovery-codes", {"password": "wrong"}),
        ("app", {}),
        ("passkeys", {"label": "x" * 999}),
        ("passkeys", {"credential": "{}"}),
        ("passkeys/remove", {"passkey": "none"}),
        ("app/confirm", {"code": "1"}),
        ("app/remove", {}),
    ]:
        assert left(after(desk, send(desk, path, **typed))) == [], path


def after(desk: Desk, answer: httpx.Response) -> httpx.Response:
    """The page to which an answer leads."""
    return desk.http.get(answer.headers["Location"]) if answer.status_code == 303 else answer


@pytest.mark.soak
def test_of_what_is_said_after_a_press(
    furnished_desk: Desk, service: InProcess, moderator: Moderator, disguised: None
) -> None:
    desk = furnished_desk
    page = desk.queue(state="approved")
    comments = [one["id"] for one in moderator.queue(state="approved")]

    def sent(path: str, **typed: str) -> httpx.Response:
        token = {"csrf_token": csrf_token(desk.queue())}
        return after(desk, desk.http.post(f"/moderation{path}", data=token | typed))

    told = [
        after(desk, desk.press(page, "trash", comments[0])),
        after(desk, desk.press(page, "spam", comments[0])),
        after(desk, desk.press_for_author(page, "hold", comments[1])),
        choose(desk, desk.queue(state="pending"), "spam", moderator.queue(state="pending")[0]["id"]),
        sent("/decide/chosen", action="hold"),
        sent("/decide/chosen", action="hold", seen="none 1 pending"),
        sent("/decide", action="none"),
        sent("/decide", action="hold", comment="none"),
        sent("/undo", request="none"),
        sent("/log/undo", decision="none"),
        sent(f"/comments/{comments[0]}/notes", text="1" * 2001),
        sent("/block", block="word", outcome="hold", word="15"),
        sent("/block", block="word", outcome="hold", word=""),
        sent("/block", block="none", outcome="hold"),
        sent("/rules/add", name="Ж", words="16", outcome="hold", mode="on"),
        sent("/rules/add", name="", hours="1", outcome="hold", mode="on"),
        sent("/rules/add", name="Ж", words="1", outcome="x", mode="on"),
        sent("/rules/add", name="Ж", words="1", outcome="hold", mode="x"),
        sent("/rules/add", name="Ж", links_at_least="x", outcome="hold", mode="on"),
        sent("/rules/try", words="1\r\n2\r\n3"),
        sent("/rules/none/remove"),
        sent("/rules/blocks/none/lift"),
        sent("/people", email="ж", role="moderator", site="*"),
        sent("/people", email=EMAIL, role="none", site="*"),
        sent("/people", email="eve@paper.example", role="auditor", site="sports"),
        sent("/people/change", person="none", role="admin", site="*"),
        sent("/people/remove", person="none"),
        sent("/tokens", scope="read", label="Ж", expires="30d"),
        sent("/tokens", scope="none"),
        sent("/webhooks", url="http://10.0.0.1/", event="none"),
        sent("/webhooks", url="ftp://hooks.example/", event="comment.reported"),
        sent("/webhooks", url="https://[2600::1]/", event="comment.posted", private="1"),  # it is not called
        sent("/webhooks/test", hook="none"),
        sent("/tokens", scope="read", expires="x"),
        sent("/account/password", current="wrong", new="x", again="x"),
        sent("/account/password", current="wrong", new="x", again="y"),
        sent("/account/sessions/end", session="none"),
        sent("/thread?article=1", action="close"),
        sent("/thread?article=1", action="save", slow_mode_seconds="x"),
        sent("/thread?article=1", action="save", rename_to="2"),
        sent("/thread/comment?article=1", action="pin", comment="none"),
        sent("/thread/comment?article=1", action="pin", comment=comments[0]),
        sent("/thread/comment?article=1", action="redact", comment=comments[0], words="99"),
        sent("/thread/answer?article=1", comment="none", text="17"),
        sent("/thread/answer?article=1", comment=comments[0], text=""),
        sent("/decide/all?article=1", action="spam", reason="1" * 501),
        after(desk, desk.sign_in(password="wrong")),
        after(desk, desk.http.post("/moderation/search", data={})),
    ]  # fmt: skip
    assert {page.status_code for page in told} <= {200, 404, 409, 422}
    assert [texts for texts in map(left, told) if texts] == []


def test_what_the_interface_refuses_is_said_in_the_language_of_who_asks(moderator: Moderator) -> None:
    asked = {"params": {"days": "0"}}
    refused = moderator.request("GET", "/figures", **asked)
    assert refused.headers["Content-Language"] == "en"
    in_german = moderator.http.get(
        "/api/v1/moderation/comments/none/reports", headers=moderator.headers | {"Accept-Language": "de"}
    )
    assert in_german.headers["Content-Language"] == "de"


@pytest.mark.unit
def test_each_value_has_its_label() -> None:
    for table, values in [
        (labels.STATES, State),
        (labels.STATES_WITHIN, State),
        (labels.DEEDS, Action),
        (labels.REPORTED, ReportReason),
        (labels.MODES_EXPLAINED, CheckMode),
        (labels.RULE_LINES, BlockAction),
        (labels.BLOCK_LINES, BlockAction),
        (labels.BLOCKS, BlockKind),
        (labels.ROLES, Role),
        (labels.ROLES_OF_ALL, Role),
        (labels.ROLES_OF_SOME, Role),
        (labels.YOU_ARE, Role),
        (labels.SCOPES, Scope),
        (labels.JOBS, JobState),
        (labels.CHECKS, [check.name for check in OWN]),
        (labels.FILTERS, set(FILTERS) - {"order", "cursor"}),
    ]:
        assert set(values) <= set(table)


@pytest.mark.unit
def test_no_words_stand_in_the_scripts_of_the_desk() -> None:
    sentence = re.compile(r"""["'`]([A-Z][a-z]+[ .:][^"'`]*|[A-Z][a-z]+)["'`]""")
    found = [text for script in SCRIPTS.glob("*.js") for text in sentence.findall(script.read_text())]
    assert [text for text in found if text not in {"Accept", "Key"}] == []
