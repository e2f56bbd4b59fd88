"""Each moderator chooses what they are told of by mail, and the operator for anybody."""

from __future__ import annotations

import pytest

from tests.conftest import MakeService
from tests.moderating.desk import PASSWORD, Desk, csrf_token
from tests.running_service import InProcess
from tests.smtp_server import SmtpServer

ME = "/api/v1/moderation/people/me"
NEVER_CHOSEN = {"waiting": "hourly", "reports": True, "sites": None}


@pytest.mark.any_database
def test_one_chooses_for_oneself(service: InProcess) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    service.run("site", "add", "other", "--origin", "https://other.example")
    service.run(
        "user", "add", "mo@paper.example", "--name", "Mo", "--site", "blog", "--site", "default",
        input=PASSWORD + "\n",
    )  # fmt: skip
    desk = Desk(service.http(), "mo@paper.example")
    desk.sign_in()
    token = csrf_token(desk.http.get("/moderation/account"))

    def patch(**mail: object) -> tuple[int, object]:
        answer = desk.http.patch(ME, json={"mail": mail}, headers={"X-CSRFToken": token})
        body = answer.json()
        return answer.status_code, body.get("mail") or body.get("errors") or body["detail"]

    me = desk.http.get(ME).json()
    assert (me["email"], me["name"], me["role"]) == ("mo@paper.example", "Mo", "moderator")
    assert (me["sites"], me["mail"]) == (["blog", "default"], NEVER_CHOSEN)
    assert patch() == (200, NEVER_CHOSEN)
    assert patch(waiting="each", sites=["blog"])[1] == {"waiting": "each", "reports": True, "sites": ["blog"]}
    assert patch(reports=False)[1] == {"waiting": "each", "reports": False, "sites": ["blog"]}
    assert patch(sites=None)[1] == {"waiting": "each", "reports": False, "sites": None}
    assert [patch(**wrong)[0] for wrong in ({"sites": ["other"]}, {"sites": ["none"]}, {"sites": []})] == [403, 404, 422]  # fmt: skip
    for wrong in ({"waiting": "often"}, {"reports": "yes"}, {"reports": None}, {"sites": "blog"}):
        assert patch(**wrong)[0] == 422
    assert desk.http.patch(ME, json={"mail": {"waiting": "none"}}).status_code == 403  # without a token
    assert desk.http.get(ME).json()["mail"] == {"waiting": "each", "reports": False, "sites": None}
    assert "user-changed" in service.run("audit", "list")


def test_the_operator_chooses_for_anybody(service: InProcess) -> None:
    service.run("user", "add", "mo@paper.example", input=PASSWORD + "\n")

    assert (
        service.run("user", "mail", "mo@paper.example")
        == "mo@paper.example: waiting hourly, reports on, all sites\n"
    )
    told = service.run(
        "user", "mail", "Mo@Paper.example", "--waiting", "daily", "--reports", "off", "--site", "default"
    )
    assert told.endswith(": waiting daily, reports off, default\n")
    assert service.run("user", "mail", "mo@paper.example", "--all-sites").endswith(
        ": waiting daily, reports off, all sites\n"
    )


def test_one_chooses_at_the_desk(make_service: MakeService, smtp: SmtpServer) -> None:
    service = make_service(**smtp.settings)
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    for email, role in (("mo@paper.example", "moderator"), ("law@paper.example", "auditor")):
        service.run("user", "add", email, "--role", role, input=PASSWORD + "\n")
    auditor, desk = Desk(service.http(), "law@paper.example"), Desk(service.http(), "mo@paper.example")
    auditor.sign_in()
    desk.sign_in()

    def save(**chosen: object) -> str:
        fields = {"csrf_token": csrf_token(desk.account())} | chosen
        answer = desk.http.post("/moderation/account/mail", data=fields, follow_redirects=True)
        return answer.text

    assert "mail-heading" not in auditor.account().text  # nothing waits for who decides nothing
    assert '<option value="hourly" selected>' in desk.account().text
    assert "Saved" in save(waiting="daily", site=["blog"])
    assert desk.http.get(ME).json()["mail"] == {"waiting": "daily", "reports": False, "sites": ["blog"]}
    assert "Saved" in save(waiting="none", reports="1", site=["*", "blog"])
    assert desk.http.get(ME).json()["mail"] == {"waiting": "none", "reports": True, "sites": None}
    assert "Choose at least one site" in save(waiting="each")
    assert "Nothing was changed" in save(waiting="often", site=["*"])
    assert desk.http.get(ME).json()["mail"] == {"waiting": "none", "reports": True, "sites": None}
