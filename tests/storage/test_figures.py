"""Figures of the moderators' work, counted from decisions and from the days on which comments were posted."""

from __future__ import annotations

import pytest

from tests.conftest import MakeService
from tests.databases import on_both
from tests.people import Json, Moderator
from tests.running_service import InProcess

__all__ = ["on_both"]

PASSWORD = "correct horse battery"
NOTHING = {"posted": 0, "approved": 0, "spam": 0, "trash": 0}


def figures(moderator: Moderator, **query: object) -> Json:
    answer = moderator.request("GET", "/figures", params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


@pytest.fixture
def service(make_service: MakeService) -> InProcess:
    """A service where comments waited for 1, 2, … 20 minutes until somebody decided, of whom all but one approved."""
    service = make_service(MODERATION="all")
    service.run("site", "add", "sports", "--origin", "https://sports.example")
    reader, editor, bot = service.reader(), service.moderator(), service.moderator()
    comments = [reader.comment("a", f"Number {number}.") for number in range(20)]
    reader.comment("a", "Of another site.", site="sports")
    for comment in comments:
        service.clock.move(minutes=1)
        (editor if comment != comments[7] else bot).decide(
            "approve" if comment != comments[7] else "spam", comment
        )
    return service


def count(service: InProcess) -> None:
    """What the job does every few minutes."""
    from commentsvc.actions.moderation_figures import count_decisions

    with service.ours.unit_of_work() as work:
        assert count_decisions(work) > 0
        assert count_decisions(work) == 0


@pytest.mark.soak
@pytest.mark.slow_on_postgresql
def test_they_tell_who_decided_what_was_caught_and_how_long_it_waited(service: InProcess) -> None:
    moderator = service.moderator()

    found = figures(moderator, site="default")

    count(service)
    assert figures(moderator, site="default") == found
    assert found["days"] == 30
    # within 1.6 %
    assert found["waiting"] == {"median_seconds": 600 // 16 * 16, "p95_seconds": 19 * 60 // 32 * 32}
    assert [one["decisions"] for one in found["by_person"]] == [19, 1]
    assert found["by_person"][0]["by_name"] == f"API token {found['by_person'][0]['by']}"
    assert found["by_check"] == [{"check": "mode", "caught": 20, "false_alarms": 19}]
    assert found["by_day"][-1] == {"day": "2026-11-24", "posted": 20, "approved": 19, "spam": 1, "trash": 0}
    assert found["by_day"][0] == {"day": "2026-10-26"} | NOTHING
    assert len(found["by_day"]) == 30
    assert found["by_year"] == [
        {"year": 2026, "kind": "approve", "decisions": 19},
        {"year": 2026, "kind": "rule", "decisions": 20},
        {"year": 2026, "kind": "spam", "decisions": 1},
    ]
    of_a_shorter_time_there_is_less_and_of_years_all(service, moderator)


def of_a_shorter_time_there_is_less_and_of_years_all(service: InProcess, moderator: Moderator) -> None:
    service.clock.move(days=60)

    found = figures(moderator, days=7)

    assert found["waiting"] == {"median_seconds": None, "p95_seconds": None}
    assert (found["by_person"], found["by_check"]) == ([], [])
    assert found["by_day"][-1] == {"day": "2027-01-23"} | NOTHING
    assert len(found["by_day"]) == 7
    assert len(found["by_year"]) == 3
    assert figures(moderator, days=61)["by_day"][0]["posted"] == 21


@pytest.mark.slow_on_postgresql
def test_what_was_counted_and_what_came_since_are_one(service: InProcess) -> None:
    moderator, reader = service.moderator(), service.reader()
    count(service)
    before = figures(moderator)
    comment = reader.comment("b", "One more.")
    moderator.decide("approve", comment)
    moderator.decide("spam", comment)
    moderator.decide("approve", comment)

    after = figures(moderator)

    assert after["by_check"] == [{"check": "mode", "caught": 22, "false_alarms": 20}]
    assert sum(one["decisions"] for one in after["by_person"]) == 23
    assert before["by_day"][-1]["posted"] + 1 == after["by_day"][-1]["posted"]
    count(service)
    assert figures(moderator) == after


@pytest.mark.soak
@pytest.mark.slow_on_postgresql
def test_a_moderator_sees_their_own_sites_alone(service: InProcess) -> None:
    sports = service.moderator("sports")
    service.run("site", "add", "empty", "--origin", "https://empty.example")

    assert figures(sports)["by_day"][-1]["posted"] == 1
    assert figures(sports)["by_year"] == [{"year": 2026, "kind": "rule", "decisions": 1}]
    assert figures(sports)["by_person"] == []
    assert sports.request("GET", "/figures", params={"site": "default"}).status_code == 403
    assert figures(service.moderator(), site="empty")["by_year"] == []
    assert sports.request("GET", "/figures", params={"site": "none"}).status_code == 404


@pytest.mark.soak
@pytest.mark.any_database
def test_days_that_cannot_be_are_told(service: InProcess) -> None:
    moderator = service.moderator()

    for days in ("0", "367", "-1", "x", "1e3", "٣", "9" * 5000):
        assert moderator.request("GET", "/figures", params={"days": days}).status_code == 422, days


@pytest.mark.any_database
def test_the_job_counts_by_itself(service: InProcess) -> None:
    service.run("job", "start", "figures")
    service.sweep()

    with service.ours.reading() as work:
        assert work.figures.progress() == work.chain.ends().position
