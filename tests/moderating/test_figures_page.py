"""“Figures” at the desk: charts, and the same numbers as tables."""

from __future__ import annotations

import re

from tests.moderating.desk import Desk
from tests.people import Moderator, Reader
from tests.running_service import InProcess


def numbers(html: str) -> list[list[str]]:
    """The rows of all tables."""
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in rows]


def test_they_are_shown_as_charts_and_as_tables(
    service: InProcess, reader: Reader, moderator: Moderator, desk: Desk
) -> None:
    moderator.block("word", "lottery", "hold")
    comments = [reader.comment("a", f"Lottery number {number}.") for number in range(3)]
    service.clock.move(minutes=3)
    moderator.decide("approve", comments[0])
    desk.press(desk.queue(), "spam", comments[1])

    page = desk.http.get("/moderation/figures", params={"days": 7, "site": "default"})

    assert page.status_code == 200
    rows = numbers(page.text)
    assert ["2026-11-24", "3", "1", "1", "0"] in rows
    assert ["blocks", "3", "1"] in [row[:3] for row in rows]
    assert ["Moderator", "1"] in [row[:2] for row in rows]
    assert "<dd>3 min</dd>" in page.text
    assert page.text.count('<svg viewBox="0 0 7 100"') == 1
    assert len(re.findall(r'<rect class="(approved|spam|pending)" x="6.08"', page.text)) == 3
    assert re.search(r'<title id="chart-title">Comments by day</title>\s*<desc id="chart-says">', page.text)
    assert not re.search(r"<script|<style|style=|@paper", page.text.split("<main", 1)[1])
    assert "style-src 'self'" in page.headers["Content-Security-Policy"]
    assert 'href="/moderation/figures">' in desk.queue().text.replace("http://127.0.0.1:5000", "")


def test_they_are_for_who_is_signed_in_and_say_what_cannot_be(service: InProcess, desk: Desk) -> None:
    assert service.http().get("/moderation/figures").headers["Location"].endswith("/moderation/sign-in")
    wrong = desk.http.get("/moderation/figures", params={"days": "never"})
    assert wrong.status_code == 422
    assert "This is a number of days." in wrong.text
    assert desk.http.get("/moderation/figures", params={"site": "none"}).status_code == 404
    assert "Nobody decided anything." in desk.http.get("/moderation/figures").text
