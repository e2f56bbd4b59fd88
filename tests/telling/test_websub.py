"""Feeds name the WebSub hub, and the hub is told when they change: at once, and then once a minute."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import pytest

from tests.conftest import MakeService
from tests.people import Moderator
from tests.running_service import InProcess
from tests.telling.delivering import deliver
from tests.telling.receiving import LOOPBACK, Receiver, receiving

BASE = "http://127.0.0.1:5000"
THREAD = [f"{BASE}/feeds/thread.atom?article=a", f"{BASE}/feeds/thread.json?article=a"]
SITE = [f"{BASE}/feeds/site.atom", f"{BASE}/feeds/site.json"]


@pytest.fixture
def hub() -> Iterator[Receiver]:
    with receiving() as here:
        yield here


@pytest.fixture
def service(make_service: MakeService, hub: Receiver) -> InProcess:
    return make_service(WEBSUB_HUB=hub.url("/hub"), OUTBOUND_ALLOW=LOOPBACK)


def topics(service: InProcess, hub: Receiver) -> list[str]:
    """Which feeds the hub was told of since the last time."""
    deliver(service)
    told = [parse_qs(one.body.decode()) for one in hub.take()]
    assert all(one["hub.mode"] == ["publish"] and one["hub.topic"] == one["hub.url"] for one in told)
    return [url for one in told for url in one["hub.url"]]


def test_feeds_name_the_hub_and_themselves(service: InProcess, hub: Receiver) -> None:
    reader = service.reader()
    reader.post("a", "First.")
    for url in [*THREAD, *SITE]:
        for _ in range(2):  # the second answer was kept
            answer = reader.get(url)
            assert answer.headers["Link"] == f'<{hub.url("/hub")}>; rel="hub", <{url}>; rel="self"'
        if ".json" in url:
            assert answer.json()["hubs"] == [{"type": "WebSub", "url": hub.url("/hub")}]
            assert answer.json()["feed_url"] == url
        else:
            feed = ET.fromstring(answer.content)  # noqa: S314 - our own
            elements = feed.iter("{http://www.w3.org/2005/Atom}link")
            links = {one.get("rel"): one.get("href") for one in elements}
            assert (links["hub"], links["self"]) == (hub.url("/hub"), url)


def test_without_a_hub_none_is_named(make_service: MakeService) -> None:
    reader = make_service().reader()
    for url in [*THREAD, *SITE]:
        answer = reader.get(url)
        assert "hub" not in answer.text
        assert "Link" not in answer.headers


def test_each_feed_that_changed_is_told_at_once_and_what_follows_as_one(
    service: InProcess, hub: Receiver, moderator: Moderator
) -> None:
    reader = service.reader()
    first = reader.comment("a", "First.")
    assert sorted(topics(service, hub)) == sorted([*THREAD, *SITE])
    reader.post("a", "Second.")
    moderator.decide("trash", first)
    assert topics(service, hub) == []
    service.clock.move(minutes=1)
    assert sorted(topics(service, hub)) == sorted([*THREAD, *SITE])
    service.clock.move(minutes=1)
    assert topics(service, hub) == []


def test_what_is_not_public_changes_no_feed(make_service: MakeService, hub: Receiver) -> None:
    service = make_service(WEBSUB_HUB=hub.url(), OUTBOUND_ALLOW=LOOPBACK, MODERATION="all")
    service.reader().post("a", "Waits.")
    assert topics(service, hub) == []


def test_a_hub_that_fails_is_tried_again(service: InProcess, hub: Receiver) -> None:
    hub.status = 503
    service.reader().post("a", "First.")
    assert len(topics(service, hub)) == 2  # the first feed of each message
    hub.status = 202
    service.clock.move(minutes=3)
    assert sorted(topics(service, hub)) == sorted([*THREAD, *SITE])
