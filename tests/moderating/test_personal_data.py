"""Admins show, hand out and erase personal data at the desk; the address stands in no address of a page."""

from __future__ import annotations

import json
from html import unescape

import httpx
import pytest

from tests.command_line import typed
from tests.moderating.desk import PASSWORD, Desk, csrf_token
from tests.moderating.people import proof
from tests.people import Reader
from tests.running_service import InProcess

CHIEF = "chief@paper.example"


def signed_in(service: InProcess, *words: str) -> Desk:
    service.run("user", "add", CHIEF, *words, input=PASSWORD + "\n")
    desk = Desk(service.http(), CHIEF)
    assert desk.sign_in().status_code == 303
    return desk


def send(desk: Desk, **fields: str) -> httpx.Response:
    page = desk.http.get("/moderation/person")
    return desk.http.post("/moderation/person", data=fields | {"csrf_token": csrf_token(page)})


def test_they_show_it_hand_it_out_and_erase_it(service: InProcess, reader: Reader) -> None:
    comment = reader.comment("a", "To be erased.")
    desk = signed_in(service, "--role", "admin")

    found = send(desk, action="show", email=reader.email.upper())
    file = send(desk, action="export", email=reader.email)
    unsure = send(desk, action="erase", email=reader.email)
    erased = send(desk, action="erase", email=reader.email, sure="1")

    assert 'aria-current="page">Personal data' in desk.http.get("/moderation/person").text
    assert "Comments: 1. Reports made: 0." in found.text
    assert found.headers["Cache-Control"] == "no-store"
    assert file.headers["Content-Disposition"] == 'attachment; filename="personal-data.json"'
    assert [one["id"] for one in file.json()["comments"]] == [comment]
    assert unsure.status_code == 422
    assert "Please tick that you are sure." in unsure.text
    certificate = unescape(erased.text.partition("readonly")[2].partition(">")[2].partition("</textarea>")[0])
    assert json.loads(certificate)["erased"]["comments"] == 1
    checked = typed("person", "verify", "-", data_dir=service.data_dir, input=certificate)
    assert checked.exit_code == 0, checked.output
    assert reader.get(f"/api/v1/comments/{comment}").status_code == 404
    assert send(desk, action="show", email="nobody").status_code == 422


@pytest.mark.any_database
def test_others_are_refused(service: InProcess, reader: Reader) -> None:
    reader.comment("a")
    desk = signed_in(service)

    assert desk.http.get("/moderation/person").status_code == 403
    data = {"action": "show", "email": reader.email, "csrf_token": csrf_token(desk.queue())}
    assert desk.http.post("/moderation/person", data=data).status_code == 403
    assert "Personal data" not in desk.queue().text
    assert service.http().get("/moderation/person").status_code == 303


@pytest.mark.any_database
def test_admins_of_one_site_do_not_learn_who_works_on_others(service: InProcess, reader: Reader) -> None:
    chief = signed_in(service, "--role", "admin")
    service.run("site", "add", "weekend", "--origin", "https://weekend.example")
    words = ("--role", "admin", "--site", "weekend")
    service.run("user", "add", "of-one@paper.example", *words, input=PASSWORD + "\n")
    of_one = Desk(service.http(), "of-one@paper.example")
    of_one.sign_in()

    def told(desk: Desk, email: str) -> list[object]:
        asked = {"email": email, "site": "weekend"}
        answers = [
            desk.http.post(
                "/api/v1/moderation/person",
                json=asked | {"do": action},
                headers=proof(desk),
            )
            for action in ("show", "export", "erase")
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        show, export, erase = (answer.json() for answer in answers)
        return [show["account"], export["account"], erase["kept"]["account"]]

    assert told(of_one, CHIEF) == told(of_one, "nobody@paper.example") == [None, None, 0]
    [shown, exported, kept] = told(chief, CHIEF)
    assert isinstance(shown, dict)
    assert (shown["role"], exported, kept) == ("admin", shown, 1)
