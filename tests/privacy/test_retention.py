"""What is older than it is kept goes by itself: addresses, spam, trash, and the reasons of decisions."""

from __future__ import annotations

import json

import pytest

from commentsvc.actions import retention
from commentsvc.jobs.runner import IDLE_SECONDS, Runner
from tests.command_line import examined, refusal, typed
from tests.conftest import MakeService
from tests.databases import on_both
from tests.people import Moderator
from tests.running_service import InProcess, written

__all__ = ["on_both"]


def next_day(service: InProcess) -> None:
    """What happens once a day."""
    service.run("job", "start", "retain")
    Runner(service.ours, lambda seconds: seconds == IDLE_SECONDS).run()


@pytest.mark.slow_on_postgresql
def test_what_is_too_old_goes_and_the_log_tells_numbers_alone(
    make_service: MakeService, caplog: pytest.LogCaptureFixture
) -> None:
    service = make_service(RETAIN_EMAILS="365", RETAIN_SPAM="30", RETAIN_TRASH="60")
    reader, moderator = service.reader(), service.moderator()
    spam, trash, public = (reader.comment("a", f"Quibble {number}.") for number in range(3))
    body = {"token": reader.token("a"), "reason": "spam", "email": "bo@paper.example", "name": "Bo"}
    nameless = service.reader("192.0.2.9")
    named_only = {**body, "token": nameless.token("a"), "email": None, "name": "Cy"}
    for by, report in ((reader, body), (nameless, named_only)):
        assert by.http.post(f"/api/v1/comments/{public}/reports", json=report).status_code == 202
    service.clock.move(days=20)
    moderator.decide("spam", spam, reason="A zugzwang.")
    moderator.decide("trash", trash)
    moderator.decide("approve", public)

    service.clock.move(days=20)
    next_day(service)
    assert states(moderator) == {"spam": 1, "trash": 1, "approved": 1}  # it is spam since 20 days

    service.clock.move(days=20)
    next_day(service)
    assert states(moderator) == {"trash": 1, "approved": 1}

    service.clock.move(days=330)
    caplog.clear()
    next_day(service)

    (left,) = moderator.queue()
    assert (left["id"], left["email"], left["text"]) == (public, "", "Quibble 2.")
    told = [json.loads(line.message) for line in caplog.records if '"retention"' in line.message]
    counts = [
        {name: one[name] for name in ("emails", "reporters", "spam", "trash", "reasons")} for one in told
    ]
    assert counts == [{"emails": 2, "reporters": 2, "spam": 0, "trash": 1, "reasons": 0}]
    assert "example" not in " ".join(line.message for line in caplog.records)
    purges = moderator.request("GET", "/decisions", params={"comment": spam}).json()["decisions"]
    assert [(one["by_name"], one["action"], one["to"]) for one in purges[:1]] == [("Rule", "purge", None)]
    assert examined(service)[0] == 0, examined(service)[1]
    assert reader.get(f"/api/v1/comments/{public}").status_code == 200


def states(moderator: Moderator) -> dict[str, int]:
    counts = moderator.request("GET", "/counts").json()
    return {state: count for state, count in counts.items() if count}


@pytest.mark.slow_on_postgresql
def test_a_site_says_for_itself_for_how_long(make_service: MakeService) -> None:
    service = make_service(RETAIN_EMAILS="10")
    service.run("site", "add", "weekend", "--origin", "https://weekend.example")
    service.run("site", "set", "weekend", "--retain", "emails=never", "--retain", "log=5")
    reader, moderator = service.reader(), service.moderator()
    comments = {site: reader.comment("a", "Here.", site=site) for site in ("default", "weekend")}
    for comment in comments.values():
        moderator.decide("hold", comment, reason="A zugzwang.")
    service.clock.move(days=11)

    next_day(service)

    emails = {one["site"]: one["email"] for one in moderator.queue()}
    assert emails == {"default": "", "weekend": reader.email}
    decisions = moderator.request("GET", "/decisions").json()["decisions"]
    assert {one["site"]: one["reason"] for one in decisions} == {"default": "A zugzwang.", "weekend": None}
    verified = service.run("audit", "verify")
    assert len(verified.split()[0]) == 64
    assert "days for which log is kept: 5\n" in service.run("site", "list")

    service.run("site", "set", "weekend", "--retain", "emails=inherit")
    next_day(service)
    assert {one["email"] for one in moderator.queue()} == {""}


@pytest.mark.parametrize("wrong", ["emails=0", "emails=x", "log=", "spam=-1", "words=3", "networks=never"])
def test_what_is_no_number_of_days_is_refused(service: InProcess, wrong: str) -> None:
    said = refusal(typed("site", "set", "default", "--retain", wrong, data_dir=service.data_dir))

    assert wrong.partition("=")[0] in said or wrong.partition("=")[2] in said


@pytest.mark.any_database
def test_nothing_of_an_address_is_left_in_the_files(make_service: MakeService) -> None:
    service = make_service(RETAIN_EMAILS="1")
    service.reader().comment("a")
    with written(service) as connection:
        ((sealed, lookup),) = connection.exec_driver_sql("SELECT sealed, lookup FROM address").fetchall()
    service.clock.move(days=2)

    next_day(service)

    files = [file.read_bytes() for file in service.data_dir.iterdir() if file.is_file()]
    assert not [one for one in (sealed, lookup) for content in files if bytes(one) in content]


@pytest.mark.any_database
def test_what_was_approved_in_the_last_moment_stays(service: InProcess, moderator: Moderator) -> None:
    comment = service.reader().comment("a")
    moderator.decide("spam", comment)
    spam = next(one for one in retention.PASSES if one.kind is retention.Kept.SPAM)
    with service.ours.reading() as work:
        seen = spam.look(work, 0, 10)
    moderator.decide("approve", comment)

    with service.ours.unit_of_work() as work:
        assert spam.forget(service.ours, work, seen) == 0

    assert states(moderator) == {"approved": 1}
