"""The private feed of what waits: for moderators alone, by a token that is good for nothing else."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tests.people import bearer
from tests.running_service import InProcess

ATOM = {"": "http://www.w3.org/2005/Atom"}
FEED = "/feeds/queue.atom"


def token(service: InProcess, *words: str) -> str:
    return service.run("token", "create", "--scope", "feed", *words).strip()


@pytest.mark.any_database
def test_what_waits_is_in_it_with_links_to_the_desk_and_no_address(service: InProcess) -> None:
    service.run("site", "set", "default", "--moderation", "all")
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    service.run("site", "set", "blog", "--moderation", "all")
    moderator, reader = service.moderator(), service.reader(email="ada@paper.example", name="Ada & Bo")
    moderator.block("word", "zanzibar", "hold", note="See mail of cy@paper.example.")
    posted = reader.posted("a-1", "Waits in *zanzibar*.")
    waiting, elsewhere = posted["comment"]["id"], reader.comment("a-1", "On another site.", site="blog")
    moderator.decide("approve", reader.comment("a-1", "Was decided."))
    of_all, of_blog = token(service), token(service, "--site", "blog", "--label", "My reader")

    answer = service.http().get(FEED, params={"t": of_all})
    feed = ET.fromstring(answer.content)  # noqa: S314 - our own

    entries = feed.findall("entry", ATOM)
    links = [entry.find("link", ATOM).attrib["href"] for entry in entries]
    assert links == [f"http://127.0.0.1:5000/moderation/comments/{one}" for one in (elsewhere, waiting)]
    assert entries[1].findtext("title", namespaces=ATOM) == "Ada & Bo on a-1"
    assert entries[1].findtext("content", namespaces=ATOM) == "<p>Waits in <em>zanzibar</em>.</p>"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "paper.example" not in answer.text
    assert of_all not in answer.text
    blog = service.http().get(FEED, params={"t": of_blog}).text
    assert elsewhere in blog
    assert waiting not in blog

    before = entries[1].findtext("id", namespaces=ATOM)
    reader.edit(waiting, posted["edit_key"], "Waits, and says more.")
    again = ET.fromstring(service.http().get(FEED, params={"t": of_all}).content)  # noqa: S314 - our own
    assert before not in [entry.findtext("id", namespaces=ATOM) for entry in again.findall("entry", ATOM)]

    listed = service.run("token", "list")
    assert "feed" in listed
    revoked = next(line.split()[0] for line in listed.splitlines() if "My reader" in line)
    service.run("token", "revoke", revoked)
    assert service.http().get(FEED, params={"t": of_blog}).status_code == 404


def test_its_token_is_good_for_it_alone_and_no_other_for_it(service: InProcess) -> None:
    http, feed = service.http(), token(service)

    for path in ("/moderation/comments", "/moderation/audit", "/moderation/tokens"):
        assert http.get(f"/api/v1{path}", headers=bearer(feed)).status_code == 403
    body = {"article": "a", "name": "Ada", "email": "ada@paper.example", "text": "Hi."}
    assert http.post("/api/v1/comments", json=body, headers=bearer(feed)).status_code == 403
    others = [service.run("token", "create", "--scope", scope).strip() for scope in ("admin", "read")]
    short = token(service, "--expires", "1d")
    service.clock.move(days=2)
    for bad in (*others, short, "", "csvc_unknown", "\x00", "ż" * 3000, feed[:-1]):
        answer = http.get(FEED, params={"t": bad})
        assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    assert http.get(FEED, headers=bearer(feed)).status_code == 404
    assert http.get(FEED, params={"t": feed}).status_code == 200
    assert http.head(FEED, params={"t": feed}).status_code == 200
