"""The network that a comment came from: kept for some days where that is wanted, sealed, and for moderators alone."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import func, select

from commentsvc.actions import sweep
from commentsvc.jobs.runner import Runner
from commentsvc.moderation.networks import network_named
from commentsvc.storage.tables import NetworkRow
from tests.command_line import refusal, typed
from tests.conftest import MakeService
from tests.databases import on_both
from tests.moderating.desk import EMAIL, PASSWORD, Desk
from tests.moderating.people import admin_of
from tests.people import Json, Moderator, bearer
from tests.running_service import InProcess, written

__all__ = ["on_both"]

NETWORK, OTHER = "192.0.2.0/24", "198.51.100.0/24"


@pytest.fixture
def service(make_service: MakeService) -> InProcess:
    return make_service(RETAIN_NETWORKS="30")


@pytest.fixture
def moderator(service: InProcess) -> Moderator:
    return service.moderator()


def networks(moderator: Moderator) -> list[str | None]:
    return [one["network"] for one in moderator.queue()]


def kept(service: InProcess) -> int:
    with written(service) as connection:
        return connection.scalar(select(func.count()).select_from(NetworkRow)) or 0


def texts(comments: list[Json]) -> list[str]:
    return [one["text"] for one in comments]


@pytest.mark.slow_on_postgresql
def test_a_moderator_sees_it_and_finds_by_it(service: InProcess, moderator: Moderator) -> None:
    mapped = service.reader("::ffff:192.0.2.200", email="bo@paper.example")
    for who, text in (
        (service.reader("192.0.2.7"), "One."),
        (service.reader("198.51.100.7"), "Two."),
        (mapped, "See <https://shop.example/>."),
        (service.reader("2001:db8:7:8::9"), "Four."),
        (service.reader("a socket"), "Five."),
    ):
        who.comment("a", text)

    assert networks(moderator) == [NETWORK, OTHER, NETWORK, "2001:db8:7::/48", None]
    of_network = ["One.", "See <https://shop.example/>."]
    for named in (NETWORK, "192.0.2.99", "::ffff:192.0.2.1"):
        assert texts(moderator.queue(network=named)) == of_network
        searched = moderator.request("POST", "/comments/search", json={"network": named})
        assert texts(searched.json()["comments"]) == of_network
    assert texts(moderator.queue(network="2001:db8:7:ffff::")) == ["Four."]
    assert moderator.queue(network="203.0.113.0/24") == []
    for further in (
        {"email": "bo@paper.example"},
        {"links": "1"},
        {"q": "shop.example"},
        {"limit": 1, "order": "newest"},
    ):
        assert texts(moderator.queue(network=NETWORK, **further)) == of_network[1:]
    for nobody in ({"email": "bo@paper.example", "network": OTHER}, {"network": NETWORK, "reported": "1"}):
        assert moderator.queue(**nobody) == []


def test_it_stays_as_it_was_when_the_comment_is_edited_and_moved(
    service: InProcess, moderator: Moderator
) -> None:
    posted = service.reader("192.0.2.7").posted("a")
    service.reader("198.51.100.7").comment("b")
    edited = service.reader("203.0.113.7").edit(posted["comment"]["id"], posted["edit_key"], "Edited.")
    assert edited.status_code == 200
    assert moderator.set_thread("a", rename_to="b", merge=True).status_code == 200

    assert networks(moderator) == [NETWORK, OTHER]


def test_only_of_guests_and_in_no_public_answer(service: InProcess, moderator: Moderator) -> None:
    token = admin_of(service).request("POST", "/tokens", json={"scope": "post"}).json()["token"]
    sent = {"article": "a", "name": "Bo", "email": "bo@paper.example", "text": "By a program."}
    assert service.http().post("/api/v1/comments", json=sent, headers=bearer(token)).status_code == 201
    comment = service.reader().comment("a")
    assert (
        moderator.request("POST", "/comments", json={"parent": comment, "text": "Staff."}).status_code == 201
    )

    assert networks(moderator) == [None, NETWORK, None]
    assert "192.0.2" not in str(service.reader().thread("a"))
    assert not [
        one for one in service.data_dir.iterdir() if one.is_file() and b"192.0.2.0/" in one.read_bytes()
    ]


@pytest.mark.parametrize("by", ["the author", "purge"])
def test_it_goes_with_the_comment(service: InProcess, moderator: Moderator, by: str) -> None:
    reader = service.reader()
    posted = reader.posted("a")
    reader.comment("a", "Stays.")
    if by == "purge":
        moderator.decide("purge", posted["comment"]["id"])
    else:
        assert reader.delete(posted["comment"]["id"], posted["edit_key"]).status_code == 204

    assert kept(service) == 1


def test_it_goes_after_so_many_days_site_by_site(
    service: InProcess, moderator: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "MOST", 2)
    service.run("site", "add", "sports", "--origin", "https://sports.example")
    service.run("site", "set", "sports", "--retain", "networks=10")
    for site in ("default", "sports"):
        for number in range(3):
            service.reader().comment("a", f"Number {number}.", site=site)
    service.clock.move(days=9)
    service.reader().comment("a", "Later.", site="sports")
    service.sweep()
    assert kept(service) == 7

    service.clock.move(days=1)
    service.sweep()
    assert networks(moderator) == [NETWORK] * 3 + [None] * 3 + [NETWORK]

    service.run("site", "set", "sports", "--retain", "networks=0")
    service.reader().comment("a", "Not kept.", site="sports")
    service.sweep()
    assert kept(service) == 3
    service.run("site", "set", "sports", "--retain", "networks=inherit")
    service.reader().comment("a", "Kept again.", site="sports")
    assert kept(service) == 4
    service.clock.now += timedelta(days=30)
    service.sweep()
    assert kept(service) == 0


def test_unless_it_is_asked_for_nothing_is_kept(make_service: MakeService) -> None:
    service = make_service()
    service.run("site", "add", "sports", "--origin", "https://sports.example")
    service.run("site", "set", "sports", "--retain", "networks=7")
    service.reader().comment("a")
    service.reader().comment("a", site="sports")

    assert networks(service.moderator()) == [None, NETWORK]
    assert service.run("site", "list").count("days for which networks are kept: 7") == 1


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("retain", "said"),
    [
        ("cookies=3", "Unknown kind “cookies”: there are "),
        ("networks", "is not a number of days"),
        ("networks=-1", "is not a number of days"),
        ("networks=36501", "is not a number of days"),
    ],
)
def test_what_cannot_be_kept_is_refused(service: InProcess, retain: str, said: str) -> None:
    assert said in refusal(typed("site", "set", "default", "--retain", retain, data_dir=service.data_dir))


@pytest.mark.any_database
def test_who_may_not_see_addresses_sees_no_network(service: InProcess) -> None:
    service.reader().comment("a")
    made = admin_of(service).request("POST", "/tokens", json={"scope": "read"})
    reading = Moderator(service.http(), made.json()["token"])

    assert networks(reading) == [None]
    for named in (NETWORK, "nonsense"):
        assert reading.request("GET", "/comments", params={"network": named}).status_code == 403
        assert reading.request("POST", "/comments/search", json={"network": named}).status_code == 403


@pytest.mark.any_database
def test_another_size_is_refused(moderator: Moderator) -> None:
    for named in ("192.0.0.0/16", "nonsense", "1" * 400):
        for answer in (
            moderator.request("GET", "/comments", params={"network": named}),
            moderator.request("POST", "/comments/search", json={"network": named}),
            moderator.request("POST", "/jobs", json={"action": "spam", "filter": {"network": named}}),
        ):
            assert (answer.status_code, list(answer.json()["errors"])) == (422, ["network"])


@pytest.mark.any_database
def test_a_decision_about_a_whole_network(service: InProcess, moderator: Moderator) -> None:
    service.reader("192.0.2.7").comment("a", "One.")
    service.reader("198.51.100.7").comment("a", "Two.")
    asked = {"action": "spam", "filter": {"network": NETWORK}}
    job = moderator.request("POST", "/jobs", json=asked).json()["job"]
    assert job["total"] == 1
    Runner(service.ours, lambda _seconds: False).run_job(job["id"])

    assert texts(moderator.queue(state="spam")) == ["One."]


@pytest.mark.any_database
def test_a_rule_is_tried_on_what_was_kept(service: InProcess, moderator: Moderator) -> None:
    service.reader("192.0.2.7").comment("a")
    service.reader("198.51.100.7").comment("a")

    def caught(network: str) -> int:
        tried = {"rule": {"when": {"networks": [network]}}, "last": 10}
        answer = moderator.request("POST", "/rules/try", json=tried)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["caught"])

    assert [
        caught(one) for one in (NETWORK, "192.0.0.0/16", "0.0.0.0/0", "192.0.2.0/25", "2001:db8::/48")
    ] == [
        1,
        1,
        2,
        0,
        0,
    ]


@pytest.mark.any_database
def test_at_the_desk_it_leads_to_all_that_came_from_there(service: InProcess) -> None:
    service.run("user", "add", EMAIL, input=PASSWORD + "\n")
    desk = Desk(service.http())
    desk.sign_in()
    service.reader("192.0.2.7").comment("a", "One.")
    service.reader("198.51.100.7").comment("a", "Two.")
    page = desk.queue(state="approved").text

    [link] = [
        part.partition('"')[0] for part in page.split('class="network" href="')[1:] if NETWORK in part[:300]
    ][:1]
    found = desk.http.get(link).text
    typed_in = desk.search(network="198.51.100.9")

    assert "192.0.2" not in link
    assert "One." in found
    assert "Two." not in found
    assert "Two." in typed_in.text
    assert "One." not in typed_in.text
    assert "198.51" not in str(typed_in.url)
    [decide_all] = re.findall(r'href="([^"]*decide/all[^"]*)"', typed_in.text)
    assert "network “<bdi>198.51.100.9</bdi>”" in desk.http.get(unescape(decide_all)).text


@pytest.mark.unit
@pytest.mark.parametrize(
    ("named", "kept"),
    [
        (" 192.0.2.9/24 ", NETWORK),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:192.0.2.0/120", NETWORK),
        *(
            (wrong, None)
            for wrong in ("0.0.0.0/0", "::/0", "192.0.2.0/25", "2001:db8::/64", "5", "192.0.2.1:80")
        ),
    ],
)
def test_a_network_is_named_as_it_is_kept(named: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(ValueError, match=r"such as 192\.0\.2\.0/24"):
            network_named(named)
    else:
        assert network_named(named) == kept
