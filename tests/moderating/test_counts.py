"""`GET /api/v1/moderation/counts`: how many comments are in each state, whatever is done with them."""

from __future__ import annotations

import pytest

from tests.command_line import examined
from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess, written


def counts(moderator: Moderator, **query: str) -> Json:
    answer = moderator.request("GET", "/counts", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def counted(moderator: Moderator, **query: str) -> Json:
    """The same, one by one."""
    states = [one["state"] for one in moderator.queue(limit="200", **query)]
    by_state = {state: states.count(state) for state in ("pending", "approved", "spam", "trash")}
    return by_state | {"reported": len(moderator.queue(limit="200", reported="1", **query))}


def test_where_nothing_was_posted_all_are_zero(moderator: Moderator) -> None:
    assert counts(moderator) == {"pending": 0, "approved": 0, "spam": 0, "trash": 0, "reported": 0}


def test_they_follow_whatever_is_done(reader: Reader, moderator: Moderator) -> None:
    posted = [reader.posted("a", f"Number {n}.") for n in range(6)]
    first, second, third, fourth, fifth, _ = (one["comment"]["id"] for one in posted)
    moderator.decide("spam", first)
    moderator.decide("trash", second)
    moderator.decide("hold", third)
    moderator.decide("approve", first)
    moderator.decide("purge", fourth)
    reader.delete(fifth, posted[4]["edit_key"])
    decision = moderator.decide("spam", third)["decided"][0]["decision"]
    moderator.request("POST", "/decisions/undo", json={"decisions": [decision]}).raise_for_status()

    assert (
        counts(moderator)
        == {"pending": 1, "approved": 2, "spam": 0, "trash": 1, "reported": 0}
        == counted(moderator)
    )


def test_each_site_has_its_own(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    reader.comment("a")
    reader.comment("b", site="sports")
    reader.comment("b", "Another.", site="sports")

    assert counts(moderator)["approved"] == 3
    assert counts(moderator, site="sports")["approved"] == 2
    assert counts(service.moderator("sports"))["approved"] == 2


def test_doctor_finds_what_was_miscounted(service: InProcess, reader: Reader) -> None:
    reader.comment("a")
    assert examined(service)[0] == 0
    with written(service) as connection:
        connection.exec_driver_sql("UPDATE comment_count SET count = count + 1")

    code, printed = examined(service)

    assert code == 1
    assert "wrong  comments counted by state: 1" in printed


@pytest.mark.parametrize("site", ["nowhere", "x" * 300])
def test_a_site_that_there_is_not_is_told(moderator: Moderator, site: str) -> None:
    assert moderator.request("GET", "/counts", params={"site": site}).status_code == 404
