"""A reader's clock may be wrong: times are measured by the service's."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Route, expect

from tests.browser.widget import Embedded, Widget

pytestmark = pytest.mark.sampled(12, of="file")

WRONG = {
    "right": timedelta(0),
    "a little ahead": timedelta(seconds=30),
    "an hour ahead": timedelta(hours=1),
    "a day ahead": timedelta(days=1),
    "a year ahead": timedelta(days=400),
    "an hour behind": timedelta(hours=-1),
    "years behind": timedelta(days=-4000),
}


def at_time(widget: Widget, wrong: timedelta) -> Widget:
    widget.page.clock.install(time=datetime.now(UTC) + wrong)
    return widget


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_fresh_comment_is_of_now_whatever_the_readers_clock(
    widget: Widget, at: Embedded, wrong: timedelta
) -> None:
    at.reader().comment(f"fresh {wrong}", name="Ann")
    at_time(widget, wrong).open(f"fresh {wrong}")

    expect(widget.comment("Ann").locator("time")).to_have_text("now")


@pytest.mark.parametrize("wrong", [timedelta(0), timedelta(seconds=30)])
def test_who_has_a_right_clock_asks_for_nothing_more(widget: Widget, at: Embedded, wrong: timedelta) -> None:
    at_time(widget, wrong).open("two requests")
    expect(widget.text).to_be_visible()
    widget.page.wait_for_load_state("networkidle")

    assert widget.asked_of_service() == ["/embed.js", "/thread/fragment"]


def test_ones_own_comment_is_of_now(widget: Widget, at: Embedded) -> None:
    at_time(widget, timedelta(days=1)).open("own time")
    expect(widget.text).to_be_visible()
    widget.page.wait_for_load_state("networkidle")
    widget.page.clock.resume()
    widget.write("Just now.")
    widget.send()

    expect(widget.comment("Ada Sample").locator("time")).to_have_text("now")


def test_an_answer_that_a_cache_kept_does_not_stop_the_time(widget: Widget, at: Embedded) -> None:
    """Its `Date` is of two hours ago, and the reader's clock is right."""
    at.reader().comment("kept for hours", name="Ann")
    now = datetime.now(UTC)

    def keep(route: Route) -> None:
        """As it was when the comment was made, two hours ago."""
        answer = route.fetch()
        made = re.sub(
            r'datetime="[^"]+"', f'datetime="{now - timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"', answer.text()
        )
        date = f"{now - timedelta(hours=2):%a, %d %b %Y %H:%M:%S} GMT"
        route.fulfill(response=answer, body=made, headers=answer.headers | {"date": date})

    widget.page.route("**/thread/fragment*", keep)
    with widget.page.expect_response("**/api/v1/counts*"):
        widget.open("kept for hours")
        expect(widget.comment("Ann").locator("time")).to_have_text("2 hours ago")

    expect(widget.comment("Ann").locator("time")).to_have_text("2 hours ago")
