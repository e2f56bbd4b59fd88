"""Moderators are told by mail of what waits and of what is reported, and decide by a link without signing in."""

from __future__ import annotations

import re

import httpx
import pytest
from sqlalchemy import select

from commentsvc.model import EventKind
from commentsvc.records import NewEvent
from commentsvc.storage.tables import UsedLinkRow
from tests.conftest import MakeService
from tests.databases import on_both
from tests.moderating.desk import PASSWORD, Desk, csrf_token
from tests.people import Moderator, Reader
from tests.running_service import InProcess
from tests.smtp_server import Received, SmtpServer
from tests.telling.delivering import deliver

__all__ = ["on_both"]  # the fixture says that they hold on both databases


@pytest.fixture
def service(make_service: MakeService, smtp: SmtpServer) -> InProcess:
    """One on which everything waits, and mail is sent."""
    service = make_service(**smtp.settings)
    service.run("site", "set", "default", "--moderation", "all")
    return service


def add_user(service: InProcess, email: str, *words: str) -> None:
    service.run("user", "add", email, *words, input=PASSWORD + "\n")


def mailed(service: InProcess, smtp: SmtpServer) -> dict[str, list[Received]]:
    """What comes now, by its receivers."""
    smtp.messages.clear()
    deliver(service)
    found: dict[str, list[Received]] = {}
    for one in smtp.messages:
        found.setdefault(one["To"], []).append(one)
    return found


def click(desk: Desk, action: str, comment: str) -> None:
    """Decide at the desk."""
    token = csrf_token(desk.account())
    answer = desk.http.post(
        "/api/v1/moderation/decisions",
        json={"ids": [comment], "action": action},
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code == 200, answer.text


def links(mail: Received) -> list[str]:
    """Where one decides: to approve, as spam, into the trash; of each comment."""
    return re.findall(r"https?://\S+/mail/decide\?t=\S+", mail.text.replace("=\n", ""))


@pytest.mark.any_database
def test_what_waits_is_told_as_each_chose(service: InProcess, smtp: SmtpServer, reader: Reader) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    service.run("site", "set", "blog", "--moderation", "all")
    for name, *words in (("each", "--waiting", "each"), ("hourly",), ("daily", "--waiting", "daily"),
                         ("none", "--waiting", "none"), ("blog", "--waiting", "each", "--site", "blog")):  # fmt: skip
        add_user(service, f"{name}@paper.example", "--name", name.title())
        service.run("user", "mail", f"{name}@paper.example", *words)
    add_user(service, "auditor@paper.example", "--role", "auditor")
    service.run("user", "invite", "invited@paper.example")
    reader.comment("a-1", "The *first* that waits.", email="victim@private.example")

    first = mailed(service, smtp)

    assert {to: len(mails) for to, mails in first.items()} == {
        "each@paper.example": 1, "hourly@paper.example": 1, "daily@paper.example": 1,
    }  # fmt: skip
    [mail] = first["each@paper.example"]
    assert mail["X-Comments-Kind"] == "waiting"
    assert mail["Subject"] == "Comments that wait: 1"
    assert "The *first* that waits." in mail.text
    assert "<em>first</em>" in mail.html
    assert len(links(mail)) == 3
    assert mail["List-Unsubscribe"] == "None"
    assert "private.example" not in mail.raw.decode()

    service.clock.move(minutes=10)
    _, third = (reader.comment("a-1", f"Number {one}.") for one in (2, 3))
    reader.comment("b-1", "Elsewhere.", site="blog")
    among = mailed(service, smtp)
    assert {to: len(mails) for to, mails in among.items()} == {
        "each@paper.example": 3,
        "blog@paper.example": 1,
    }
    service.moderator().decide("trash", third)
    service.clock.move(minutes=51)
    later = mailed(service, smtp)
    [gathered] = later["hourly@paper.example"]
    assert (len(later), gathered["Subject"]) == (
        1,
        "Comments that wait: 2",
    )  # without what was decided meanwhile
    assert all(text in gathered.text for text in ("Number 2.", "Elsewhere."))
    assert "Number 3." not in gathered.text
    service.clock.move(days=1)
    assert {to: one["Subject"] for to, [one] in mailed(service, smtp).items()} == {
        "daily@paper.example": "Comments that wait: 2"
    }
    assert mailed(service, smtp) == {}


@pytest.mark.any_database
def test_of_one_comment_each_is_told_once_unless_it_is_edited(
    service: InProcess, smtp: SmtpServer, reader: Reader
) -> None:
    for name in ("mo", "bo"):
        add_user(service, f"{name}@paper.example", "--name", name.title())
        service.run("user", "mail", f"{name}@paper.example", "--waiting", "each")
    mo = Desk(service.http(), "mo@paper.example")
    mo.sign_in()
    posted = reader.posted("a", "Was edited later.")
    comment = posted["comment"]["id"]
    assert set(mailed(service, smtp)) == {"mo@paper.example", "bo@paper.example"}

    click(mo, "approve", comment)
    click(mo, "hold", comment)
    assert mailed(service, smtp) == {}  # both were told
    click(mo, "approve", comment)
    reader.edit(comment, posted["edit_key"], "Says something else.")
    told = mailed(service, smtp)
    assert {to: "Says something else." in mail.text for to, [mail] in told.items()} == {
        "mo@paper.example": True, "bo@paper.example": True,
    }  # fmt: skip

    service.run("site", "set", "default", "--moderation", "none")
    public = reader.comment("a", "Public, and then held.")
    click(mo, "hold", public)
    assert set(mailed(service, smtp)) == {"bo@paper.example"}  # who held it is not told
    reader.email = "Bo@paper.example"
    service.run("site", "set", "default", "--moderation", "all")
    reader.comment("a", "Written by who moderates.")
    assert set(mailed(service, smtp)) == {"mo@paper.example"}


@pytest.mark.any_database
def test_a_report_is_told_at_once_and_without_addresses(service: InProcess, smtp: SmtpServer) -> None:
    service.run("site", "set", "default", "--moderation", "none")
    for name, reports in (("yes", "on"), ("no", "off")):
        add_user(service, f"{name}@paper.example")
        service.run("user", "mail", f"{name}@paper.example", "--reports", reports)
    comment = service.reader(email="victim@private.example").comment("a", "An insult.")

    def report(client: str, text: str) -> None:
        reader = service.reader(client)
        body = {"token": reader.token("a"), "reason": "abuse", "text": text, "email": "who@private.example"}
        answer = reader.http.post(f"/api/v1/comments/{comment}/reports", json=body)
        assert answer.status_code == 202, answer.text

    report("198.51.100.1", "Ask me: who@private.example.")
    service.run("user", "add", "who@private.example", input=PASSWORD + "\n")  # who reported it knows
    told = mailed(service, smtp)

    [mail] = told.pop("yes@paper.example")
    assert told == {}
    assert (mail["X-Comments-Kind"], mail["Subject"]) == ("report", "A comment was reported")
    assert "Insults, threats or harassment" in mail.text
    assert "private.example" not in mail.raw.decode()
    report("203.0.113.9", "Again.")
    assert mailed(service, smtp) == {}  # once, however many report it

    approve, spam, _ = links(mail)
    http = service.http()
    assert "An insult." in http.get(spam).text
    assert http.post(approve).status_code == 200
    assert service.moderator().queue(reported="1") == []
    assert "Somebody has looked at what was reported" in http.post(spam).text
    assert service.reader().texts("a") == ["An insult."]


def press(http: httpx.Client, link: str) -> httpx.Response:
    """What the page's button does."""
    page = http.get(link)
    assert page.status_code == 200, page.text
    revision = re.search(r'name="revision" value="(\d+)"', page.text)
    assert revision, page.text
    return http.post(link, data={"revision": revision[1]})


@pytest.mark.slow_on_postgresql
def test_one_decides_by_a_link_once_without_signing_in(
    service: InProcess, smtp: SmtpServer, reader: Reader, moderator: Moderator
) -> None:
    for name in ("mo", "bo"):
        add_user(service, f"{name}@paper.example", "--name", name.title())
    posted = reader.posted("a", "To be *decided*.")
    comment = posted["comment"]["id"]
    told = mailed(service, smtp)
    approve, spam, trash = links(told["mo@paper.example"][0])
    others = links(told["bo@paper.example"][0])
    http = service.http()

    page = http.get(approve)
    assert (page.status_code, http.head(approve).status_code) == (200, 200)
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "To be <em>decided</em>." in page.text
    assert reader.texts("a") == []  # looking decides nothing

    reader.edit(comment, posted["edit_key"], "Edited.")
    stale = http.post(approve, data={"revision": "0"})
    assert "its author has edited this comment" in stale.text
    assert "<p>Edited.</p>" in stale.text
    assert reader.texts("a") == []
    assert "Approved." in press(http, approve).text
    assert reader.texts("a") == ["Edited."]

    assert "You have decided about this comment. (<bdi" in http.post(approve).text
    assert ">Mo</bdi>)" in http.post(approve).text
    assert "You have decided about this comment." in http.get(spam).text
    assert "Mo has decided about this comment." in http.post(others[2]).text
    assert reader.texts("a") == ["Edited."]
    entry = moderator.request("GET", "/decisions").json()["decisions"][0]
    assert (entry["by_name"], entry["action"]) == ("Mo", "approve")
    assert "decided-by-mail" in service.run("audit", "list")
    moderator.decide("hold", comment)  # it waits again, and the link was used
    http.post(approve)
    assert reader.texts("a") == []
    assert "Marked as spam." in press(http, spam).text
    assert http.post(trash).status_code == 200
    reader.delete(comment, posted["edit_key"])
    assert "no longer exists" in http.post(trash).text
    service.clock.move(days=8)
    service.sweep()
    with service.ours.database.engine.connect() as connection:
        assert connection.execute(select(UsedLinkRow.digest)).all() == []  # it has ended anyway


@pytest.mark.slow_on_postgresql
def test_rights_are_looked_up_when_it_is_pressed(
    service: InProcess, smtp: SmtpServer, reader: Reader
) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    names = ("removed", "auditor", "elsewhere", "late")
    for name in names:
        add_user(service, f"{name}@paper.example")
    add_user(service, "admin@paper.example", "--role", "admin")
    reader.comment("a", "Stays.")
    told = mailed(service, smtp)
    link = {name: links(told[f"{name}@paper.example"][0])[0] for name in names}
    admin = Desk(service.http(), "admin@paper.example")
    admin.sign_in()
    service.run("user", "remove", "removed@paper.example")
    service.run("user", "role", "auditor@paper.example", "auditor")
    with service.ours.unit_of_work() as work:
        account = work.accounts.by_email("elsewhere@paper.example")
        blog = work.sites.by_slug("blog")
        assert account
        assert blog
        work.accounts.set_sites(account.id, [blog.id])
    http = service.http()

    for name, says in (
        ("removed", "no longer exists"),
        ("auditor", "change nothing"),
        ("elsewhere", "not yours"),
    ):
        for answer in (http.get(link[name]), http.post(link[name])):
            assert (answer.status_code, says in answer.text) == (403, True), name
            assert "Stays." not in answer.text
    wrong = link["late"][:-3] + "AAA"
    for bad in (wrong, wrong.partition("?")[0], wrong + "é" * 300):
        assert {http.get(bad).status_code, http.post(bad).status_code} == {404}
    service.clock.move(days=7)
    assert (http.get(link["late"]).status_code, http.post(link["late"]).status_code) == (410, 410)
    assert reader.texts("a") == []


@pytest.mark.any_database
def test_attempts_at_an_account_are_told_once_an_hour(service: InProcess, smtp: SmtpServer) -> None:
    add_user(service, "mo@paper.example")
    own = Desk(service.http(), "mo@paper.example")
    own.http.headers["Accept-Language"] = "de"
    own.sign_in()
    own.http.post("/moderation/sign-out")

    def attempt(desk: Desk) -> None:
        desk.sign_in(password="wrong password")

    attempt(own)  # where one signed in before, one has only mistyped
    attempt(Desk(service.http(), "nobody@paper.example"))
    assert mailed(service, smtp) == {}
    for _ in range(3):
        attempt(Desk(service.http(), "mo@paper.example"))
    [mail] = mailed(service, smtp)["mo@paper.example"]
    assert mail["X-Comments-Kind"] == "account"
    assert 'lang="de"' in mail.html
    service.clock.move(minutes=30)
    attempt(Desk(service.http(), "mo@paper.example"))
    assert mailed(service, smtp) == {}
    service.clock.move(minutes=31)
    attempt(Desk(service.http(), "mo@paper.example"))
    assert len(mailed(service, smtp)["mo@paper.example"]) == 1


@pytest.mark.slow_on_postgresql
def test_what_waits_for_somebody_who_left_comes_to_nobody_else(
    service: InProcess, smtp: SmtpServer, reader: Reader
) -> None:
    add_user(service, "left@paper.example")
    smtp.answers["connect"] = "421 4.3.2 Later"
    reader.comment("a", "Waits.")
    for _ in range(2):
        Desk(service.http(), "left@paper.example").sign_in(password="wrong password")
    assert mailed(service, smtp) == {}
    service.run("user", "remove", "left@paper.example")
    add_user(service, "new@paper.example")  # in the same row
    smtp.answers.clear()
    service.clock.move(hours=5)
    assert mailed(service, smtp) == {}


def test_a_hard_bounce_ends_mail_until_the_choice_is_saved_again(
    service: InProcess, smtp: SmtpServer, reader: Reader
) -> None:
    add_user(service, "mo@paper.example")
    service.run("user", "mail", "mo@paper.example", "--waiting", "each")
    smtp.answers["RCPT"] = ["550 5.1.1 No such user"]
    reader.comment("a", "Comes back.")
    assert mailed(service, smtp) == {}
    reader.comment("a", "Is not sent.")
    assert mailed(service, smtp) == {}
    mo = Desk(service.http(), "mo@paper.example")
    mo.sign_in()
    assert "Emails to you came back" in mo.account().text

    service.run("user", "mail", "mo@paper.example", "--waiting", "each")

    assert "Emails to you came back" not in mo.account().text
    reader.comment("a", "Comes again.")
    assert len(mailed(service, smtp)["mo@paper.example"]) == 1


def test_admins_of_all_sites_are_told_of_a_webhook_that_was_disabled(
    service: InProcess, smtp: SmtpServer
) -> None:
    for email, *words in (("admin@paper.example", "--role", "admin"), ("mo@paper.example",),
                          ("some@paper.example", "--role", "admin", "--site", "default")):  # fmt: skip
        add_user(service, email, *words)
    service.run("webhook", "add", "https://hooks.example/private-path", "--event", "comment.posted")
    with service.ours.unit_of_work() as work:
        [hook] = work.webhooks.all_hooks()
        now = service.ours.now()
        work.webhooks.change(hook.id, disabled_at=now)
        told = {"hook": hook.public_id, "host": "hooks.example", "why": "x"}
        work.events.add(NewEvent(kind=EventKind.HOOK_DISABLED, at=now, data=told))

    told_to = mailed(service, smtp)

    [mail] = told_to.pop("admin@paper.example")
    assert told_to == {}
    assert mail["X-Comments-Kind"] == "account"
    assert hook.public_id in mail.text
    assert "private-path" not in mail.raw.decode()
