"""People: admins invite them, change what they may do and remove them; an invitation is good once."""

from __future__ import annotations

import re
from html import unescape

import pytest

from commentsvc.access.invitations import key_of
from tests.conftest import MakeService
from tests.moderating.desk import EMAIL, PASSWORD, Desk, csrf_token, forms
from tests.moderating.people import LINK, accept, admin_of, invited, proof
from tests.people import Moderator, Reader
from tests.running_service import InProcess

KIM = "kim@paper.example"
NOT_GOOD = "was used, withdrawn or replaced, or it has expired"


@pytest.fixture
def admin(service: InProcess) -> Moderator:
    return admin_of(service)


@pytest.fixture
def newcomer(service: InProcess) -> Desk:
    return Desk(service.http(), KIM)


def test_who_is_invited_accepts_once_and_does_what_the_role_may(
    service: InProcess, admin: Moderator, newcomer: Desk, reader: Reader
) -> None:
    reader.comment("a", "Of default.")
    theirs = reader.comment("a", "Of sports.", site="sports")

    person = invited(admin, "Kim@Paper.example", sites=["sports"], name="Kim Sample")

    assert person["email"] == KIM
    assert (person["role"], person["sites"], person["second_factor"]) == ("moderator", ["sports"], False)
    assert person["invited_until"] == "2026-12-01T09:00:00Z"
    assert newcomer.sign_in(password="").status_code == 422
    accepted = accept(newcomer, person["invitation"])
    assert (accepted.status_code, accepted.headers["Location"]) == (303, "/moderation")
    queue = newcomer.http.get("/api/v1/moderation/comments").json()["comments"]
    assert [one["id"] for one in queue] == [theirs]
    me = newcomer.http.get("/api/v1/moderation/people/me").json()
    assert (me["email"], me["name"], me["role"], me["sites"]) == (KIM, "Kim Sample", "moderator", ["sports"])
    assert me["invited_until"] is None
    again = accept(Desk(service.http()), person["invitation"])
    assert (again.status_code, NOT_GOOD in again.text) == (422, True)
    assert Desk(service.http(), KIM).sign_in().status_code == 303


def test_an_invitation_ends_by_time_by_another_and_by_being_withdrawn(
    service: InProcess, admin: Moderator, newcomer: Desk
) -> None:
    replaced = invited(admin, KIM)
    person = invited(admin, KIM, "auditor", name="Kim Sample")
    assert (person["id"], person["role"]) == (replaced["id"], "auditor")
    assert NOT_GOOD in accept(newcomer, replaced["invitation"]).text

    service.clock.move(days=7)
    assert NOT_GOOD in accept(newcomer, person["invitation"]).text

    withdrawn = invited(admin, KIM)
    assert admin.request("DELETE", f"/people/{person['id']}").status_code == 204
    assert NOT_GOOD in accept(newcomer, withdrawn["invitation"]).text
    assert KIM not in admin.request("GET", "/people").text


def test_what_is_wrong_with_an_acceptance_is_said_and_uses_nothing_up(
    admin: Moderator, newcomer: Desk
) -> None:
    link = invited(admin, KIM)["invitation"]

    wrong = [
        accept(newcomer, link, again="another"),
        accept(newcomer, link, "short"),
        accept(newcomer, link, "qwertyuiop"),
        accept(newcomer, link, name="kim@paper.example"),
        accept(newcomer, link, csrf_token="forged"),
        accept(newcomer, "http://127.0.0.1:5000/moderation/invitation"),
        accept(newcomer, "\0"),
        accept(newcomer, "ключ" * 100),
    ]

    assert [answer.status_code for answer in wrong] == [422] * len(wrong)
    assert link in unescape(wrong[0].text)
    assert PASSWORD not in "".join(answer.text for answer in wrong)
    assert accept(newcomer, link, name="Kim Other").status_code == 303
    assert newcomer.http.get("/api/v1/moderation/people/me").json()["name"] == "Kim Other"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"email": EMAIL, "role": "moderator"}, 422, "email"),
        ({"email": EMAIL.upper(), "role": "moderator"}, 422, "email"),
        ({"email": "nobody", "role": "moderator"}, 422, "email"),
        ({"email": KIM, "role": "king"}, 422, "role"),
        ({"email": KIM}, 422, "body"),
        ({"email": KIM, "role": "moderator", "sites": []}, 422, "sites"),
        ({"email": KIM, "role": "moderator", "name": "a\u202eb"}, 422, "name"),
        ({"email": KIM, "role": "moderator", "sites": ["nowhere"]}, 404, ""),
    ],
)
def test_who_cannot_be_invited_is_told_why(
    admin: Moderator, body: dict[str, object], status: int, field: str
) -> None:
    answer = admin.request("POST", "/people", json=body)

    assert answer.status_code == status
    assert list(answer.json().get("errors", {"": ""})) == [field]
    assert len(admin.request("GET", "/people").json()["people"]) == 1


def test_a_role_and_sites_hold_from_the_next_request_on(
    service: InProcess, admin: Moderator, newcomer: Desk
) -> None:
    person = invited(admin, KIM, "admin")
    accept(newcomer, person["invitation"])
    assert newcomer.http.get("/api/v1/moderation/people").status_code == 200

    changed = admin.request(
        "PATCH", f"/people/{person['id']}", json={"role": "auditor", "sites": ["sports"], "name": "Kim"}
    )

    assert changed.json() | {"id": ""} == {
        "id": "",
        "email": KIM,
        "name": "Kim",
        "role": "auditor",
        "sites": ["sports"],
        "second_factor": False,
        "invited_until": None,
    }
    assert newcomer.http.get("/api/v1/moderation/people").status_code == 403
    assert newcomer.http.get("/api/v1/moderation/comments?site=default").status_code == 403
    block = {"kind": "word", "value": "x", "action": "hold", "site": "sports"}
    refused = newcomer.http.post("/api/v1/moderation/blocks", json=block, headers=proof(newcomer))
    assert (refused.status_code, "change nothing" in refused.text) == (403, True)
    kinds = [line["kind"] for line in admin.request("GET", "/audit").json()["entries"]]
    assert kinds[:2] == ["user-changed", "user-role"]
    unchanged = admin.request("PATCH", f"/people/{person['id']}", json={})
    assert unchanged.json() == changed.json()


def test_who_is_removed_is_out_at_once_and_an_unknown_person_is_nobody(
    service: InProcess, admin: Moderator, newcomer: Desk
) -> None:
    person = invited(admin, KIM)
    accept(newcomer, person["invitation"])
    assert newcomer.queue().status_code == 200

    assert admin.request("DELETE", f"/people/{person['id']}").status_code == 204

    assert newcomer.queue().status_code == 303
    assert newcomer.http.get("/api/v1/moderation/comments").status_code == 403
    for method in ("PATCH", "DELETE"):
        assert admin.request(method, f"/people/{person['id']}", json={}).status_code == 404
    assert admin.request("GET", "/sessions", params={"person": person["id"]}).status_code == 404


def test_the_last_admin_stays_one(service: InProcess, admin: Moderator, desk: Desk) -> None:
    [chief] = admin.request("GET", "/people").json()["people"]
    invited(admin, KIM, "admin")  # who has not come yet keeps no service running

    refused = [
        admin.request("DELETE", f"/people/{chief['id']}"),
        admin.request("PATCH", f"/people/{chief['id']}", json={"role": "moderator"}),
        admin.request("PATCH", f"/people/{chief['id']}", json={"sites": ["sports"]}),
    ]

    assert [answer.status_code for answer in refused] == [409] * 3
    assert "last admin" in refused[0].json()["detail"]
    assert admin.request("PATCH", f"/people/{chief['id']}", json={"name": "Chief"}).status_code == 200
    accept(Desk(service.http()), invited(admin, KIM, "admin")["invitation"])
    assert admin.request("DELETE", f"/people/{chief['id']}").status_code == 204
    assert desk.queue().status_code == 303


def test_an_admin_sees_and_ends_the_sessions_of_others(
    service: InProcess, admin: Moderator, desk: Desk
) -> None:
    person = invited(admin, KIM)
    theirs = Desk(service.http(), KIM)
    accept(theirs, person["invitation"])
    of_kim = {"params": {"person": person["id"]}}

    [session] = desk.http.get("/api/v1/moderation/sessions", **of_kim).json()["sessions"]
    assert (session["person"], session["current"]) == (person["id"], False)
    assert session["id"] in admin.request("GET", "/sessions").text
    assert theirs.http.get("/api/v1/moderation/sessions", **of_kim).status_code == 403
    address = f"/api/v1/moderation/sessions/{session['id']}"
    assert desk.http.delete(address, **of_kim, headers=proof(desk)).status_code == 204

    assert theirs.queue().status_code == 303
    assert admin.request("DELETE", f"/sessions/{session['id']}").status_code == 404


def test_the_operator_invites_and_a_password_of_the_operators_ends_the_invitation(
    service: InProcess, newcomer: Desk
) -> None:
    link = service.run(
        "user", "invite", KIM, "--role", "auditor", "--site", "sports", "--name", "Kim"
    ).strip()
    assert re.fullmatch(LINK, link)
    assert f"{KIM}  auditor  sports  Kim  invited" in service.run("user", "list")

    service.run("user", "password", KIM, input=PASSWORD + "\n")

    assert NOT_GOOD in accept(newcomer, link).text
    assert newcomer.sign_in().status_code == 303
    assert "invited" not in service.run("user", "list")


def test_people_are_looked_after_at_the_desk(service: InProcess, desk: Desk, newcomer: Desk) -> None:
    page = desk.http.get("/moderation/people")
    form = {"csrf_token": csrf_token(page), "email": KIM, "role": "moderator", "site": ["sports"]}
    typed_wrong = desk.http.post("/moderation/people", data=form | {"email": "kim at paper"})
    assert (typed_wrong.status_code, 'value="kim at paper"' in typed_wrong.text) == (422, True)

    link = re.search(LINK, desk.http.post("/moderation/people", data=form).text)
    assert link is not None
    assert accept(newcomer, link[0]).status_code == 303
    assert "moderator of sports" in desk.http.get("/moderation/people").text

    kim = re.search(r'id="role-([\w-]{16})"', desk.http.get("/moderation/people").text.partition(KIM)[2])
    assert kim is not None
    sent = form | {"person": kim[1], "role": "auditor", "site": ["*"]}
    for ticked in ([], ["*", "sports"]):
        unclear = desk.http.post("/moderation/people/change", data=sent | {"site": ticked})
        assert (unclear.status_code, "Choose all sites, or those" in unclear.text) == (422, True)
    assert "moderator of sports" in desk.http.get("/moderation/people").text
    assert desk.http.post("/moderation/people/change", data=sent).status_code == 303
    listed = desk.http.get("/moderation/people").text
    assert "Changed what" in listed
    assert "auditor of all sites" in listed
    assert desk.http.post("/moderation/people/change", data=sent | {"role": "king"}).status_code == 422
    assert (
        desk.http.post("/moderation/people/remove", data=sent | {"csrf_token": "forged"}).status_code == 422
    )
    assert newcomer.http.get("/moderation/people").status_code == 403
    assert desk.http.post("/moderation/people/remove", data=sent).status_code == 303
    assert KIM not in desk.http.get("/moderation/people").text
    assert newcomer.queue().status_code == 303


def test_where_there_is_one_site_a_change_at_the_desk_leaves_whose_it_is(make_service: MakeService) -> None:
    service = make_service()
    service.run("user", "add", EMAIL, "--role", "admin", input=PASSWORD + "\n")
    service.run("user", "invite", KIM, "--site", "default")
    desk = Desk(service.http())
    desk.sign_in()

    chief, kim = (
        dict(re.findall(r'name="(\w+)" value="([^"]*)"', one))
        for one in forms(desk.http.get("/moderation/people"))
        if "/people/change" in one
    )
    for fields in (chief | {"role": "admin"}, kim | {"role": "auditor"}):
        assert desk.http.post("/moderation/people/change", data=fields).status_code == 303

    listed = admin_of(service).request("GET", "/people").json()["people"]
    assert [(one["role"], one["sites"]) for one in listed] == [("admin", None), ("auditor", ["default"])]


@pytest.mark.unit
@pytest.mark.parametrize(
    "pasted", ["abc-_1", " https://talk.example/comments/moderation/invitation#key=abc-_1\n", "#key=abc-_1"]
)
def test_a_key_is_found_in_what_was_pasted(pasted: str) -> None:
    assert key_of(pasted) == "abc-_1"
