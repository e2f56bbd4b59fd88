"""Feeds of an article and of a site: Atom (RFC 4287) with threading (RFC 4685), and JSON Feed 1.1."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from commentsvc.storage.look_ups import FEED_ENTRIES
from tests.conftest import MakeService
from tests.people import Moderator, Reader
from tests.running_service import InProcess

NAMES = {"": "http://www.w3.org/2005/Atom", "thr": "http://purl.org/syndication/thread/1.0"}
FEEDS = ["/feeds/thread.atom", "/feeds/site.atom"]


def feed(reader: Reader, path: str = "/feeds/thread.atom", article: str = "a-1", **query: str) -> ET.Element:
    answer = reader.get(path, article=article, **query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    return ET.fromstring(answer.content)  # noqa: S314 - our own


def entries(read: ET.Element) -> list[ET.Element]:
    return read.findall("entry", NAMES)


def text(element: ET.Element, name: str) -> str:
    found = element.findall(name, NAMES)
    assert len(found) == 1, f"{len(found)} × {name}"
    return found[0].text or ""


@pytest.mark.any_database
@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_has_all_that_rfc_4287_requires(reader: Reader, path: str) -> None:
    reader.comment("a-1", "With *emphasis* & <tags>.", name="Ada & Bo", url="https://bo.example/?a=1&b=2")

    read = feed(reader, path)

    entry = entries(read)[0]
    for element in (read, entry):
        assert text(element, "id").startswith("http://127.0.0.1:5000/" if element is read else "urn:uuid:")
        assert text(element, "title")
        assert text(element, "updated") == "2026-11-24T09:00:00Z"
    assert entry.find("link[@rel='alternate']", NAMES) is not None
    # A whole site has no page of its own to link to, and with contents in its entries needs none.
    assert (read.find("link[@rel='alternate']", NAMES) is None) == ("site" in path)
    assert read.find("link[@rel='self']", NAMES).attrib["href"].startswith(f"http://127.0.0.1:5000{path}")
    author = entry.find("author", NAMES)
    assert text(author, "name") == "Ada & Bo"
    assert text(author, "uri") == "https://bo.example/?a=1&b=2"
    content = entry.find("content", NAMES)
    assert content.attrib["type"] == "html"
    assert content.text == "<p>With <em>emphasis</em> &amp; &lt;tags&gt;.</p>"


@pytest.mark.any_database
@pytest.mark.parametrize("path", FEEDS)
def test_an_empty_feed_is_a_feed(reader: Reader, path: str) -> None:
    read = feed(reader, path)

    assert entries(read) == []
    for name in ("id", "title", "updated"):
        assert text(read, name)


def test_a_reply_says_what_it_answers(reader: Reader) -> None:
    first = reader.comment("a-1", "First.")
    reader.comment("a-1", "Reply.", parent=first)

    reply, answered = entries(feed(reader))

    in_reply_to = reply.find("thr:in-reply-to", NAMES)
    assert in_reply_to.attrib["ref"] == text(answered, "id")
    assert in_reply_to.attrib["href"] == answered.find("link[@rel='alternate']", NAMES).attrib["href"]
    assert answered.find("thr:in-reply-to", NAMES) is None


def test_the_link_of_an_entry_opens_the_comment(reader: Reader) -> None:
    comment = reader.comment("a/b?c=d&e", "Here.")

    entry = entries(feed(reader, article="a/b?c=d&e"))[0]

    link = entry.find("link[@rel='alternate']", NAMES).attrib["href"]
    assert link == reader.get(f"/api/v1/comments/{comment}").json()["permalink"]
    assert "Here." in reader.get(link).text


def test_the_latest_fifty_stand_in_it_newest_first(reader: Reader) -> None:
    for number in range(51):
        reader.comment("a-1", f"number {number}")

    for path in FEEDS:
        texts = [text(entry, "content") for entry in entries(feed(reader, path))]
        assert texts == [f"<p>number {number}</p>" for number in range(50, 0, -1)]


def test_the_feed_of_a_site_holds_all_its_articles_and_no_other_sites(
    service: InProcess, reader: Reader
) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    reader.comment("a-1", "One.")
    reader.comment("a-2", "Two.")
    reader.comment("a-1", "Elsewhere.", site="blog")

    default, blog = feed(reader, "/feeds/site.atom"), feed(reader, "/feeds/site.atom", site="blog")

    assert [text(entry, "content") for entry in entries(default)] == ["<p>Two.</p>", "<p>One.</p>"]
    assert [text(entry, "content") for entry in entries(blog)] == ["<p>Elsewhere.</p>"]
    assert text(default, "id") != text(blog, "id")


@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize("action", ["hold", "spam", "trash", "purge"])
def test_what_is_not_public_is_not_in_it(
    reader: Reader, moderator: Moderator, path: str, action: str
) -> None:
    comment = reader.comment("a-1", "Gone.")
    reader.comment("a-1", "Stays.", parent=comment)

    moderator.decide(action, comment)

    assert [text(entry, "content") for entry in entries(feed(reader, path))] == ["<p>Stays.</p>"]


def test_an_edit_renews_an_entry(service: InProcess, reader: Reader) -> None:
    posted = reader.posted("a-1", "First.")
    before = entries(feed(reader))[0]
    service.clock.move(minutes=5)

    reader.edit(posted["comment"]["id"], posted["edit_key"], "Better.")

    after = entries(feed(reader))[0]
    assert text(after, "id") == text(before, "id")
    assert text(after, "published") == "2026-11-24T09:00:00Z"
    assert text(after, "updated") == text(feed(reader), "updated") == "2026-11-24T09:05:00Z"
    assert text(after, "content") == "<p>Better.</p>"


@pytest.mark.any_database
@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize("article", ["a\x01b", "a\x0bb\x1f", "]]>", "<a>&", "\ufffe", "\ud7ff🙂"])
def test_an_article_id_that_xml_cannot_hold_spoils_no_feed(
    shared_service: InProcess, path: str, article: str
) -> None:
    reader = shared_service.reader()
    reader.comment(article, "]]> & <b>")

    read = feed(reader, path, article)

    assert text(entries(read)[0], "content") == "<p>]]&gt; &amp; &lt;b&gt;</p>"


def test_a_title_that_a_moderator_set_is_the_feeds(reader: Reader, moderator: Moderator) -> None:
    reader.comment("a-1", title="What a form claims")
    before = feed(reader)

    moderator.set_thread("a-1", title="A headline")

    assert text(before, "title") == "Comments on a-1"
    assert text(feed(reader), "title") == "Comments on A headline"
    assert text(entries(feed(reader))[0], "title") == "Ada Sample on A headline"


def json_feed(reader: Reader, path: str = "/feeds/thread.json", **query: str) -> Any:
    answer = reader.get(path, article="a-1", **query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/feed+json"
    return answer.json()


@pytest.mark.any_database
def test_json_feed_tells_the_same(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    empty = json_feed(reader, "/feeds/site.json")
    first = reader.posted("a-1", "With *emphasis*.", name="Bo", url="https://bo.example/")
    reply = reader.comment("a-1", "A reply.", parent=first["comment"]["id"])
    service.clock.move(minutes=5)
    reader.edit(first["comment"]["id"], first["edit_key"], "Better.")
    moderator.set_thread("a-1", title="A headline")

    of_thread, of_site = json_feed(reader), json_feed(reader, "/feeds/site.json")

    assert empty["items"] == []
    assert of_thread["items"] == of_site["items"]
    assert of_thread["version"] == of_site["version"] == "https://jsonfeed.org/version/1.1"
    assert of_thread["title"] == "Comments on A headline"
    assert of_thread["feed_url"] == "http://127.0.0.1:5000/feeds/thread.json?article=a-1"
    assert of_thread["home_page_url"] == "http://127.0.0.1:5000/thread?article=a-1"
    answering, answered = of_thread["items"]
    assert answered == {
        "id": answered["id"],
        "url": reader.get(f"/api/v1/comments/{first['comment']['id']}").json()["permalink"],
        "title": "Bo on A headline",
        "content_html": "<p>Better.</p>",
        "date_published": "2026-11-24T09:00:00Z",
        "date_modified": "2026-11-24T09:05:00Z",
        "authors": [{"name": "Bo", "url": "https://bo.example/"}],
        "_comment": {"article": "A headline"},
    }
    assert answering["_comment"]["in-reply-to"] == answered["id"]
    assert answering["url"].endswith(f"#comment-{reply}")
    assert [item["id"] for item in of_thread["items"]] == [text(one, "id") for one in entries(feed(reader))]
    page = reader.get("/thread", article="a-1").text
    for kind, form in (("atom+xml", "atom"), ("feed+json", "json")):
        assert f'type="application/{kind}" title="Comments" href="/feeds/thread.{form}?article=a-1"' in page


def test_an_entry_keeps_its_id_under_another_address_title_and_thread(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    reader.comment("a-1", "Moves.")
    before = text(entries(feed(reader))[0], "id")

    moderator.set_thread("a-1", title="Another", rename_to="a-2")

    assert text(entries(feed(reader, article="a-2"))[0], "id") == before
    with closing(service.restarted(BASE_URL="https://talk.example")) as moved:
        assert text(entries(feed(moved.reader(), article="a-2"))[0], "id") == before


@pytest.mark.any_database
@pytest.mark.parametrize("change", ["trashed", "deleted", "edited"])
def test_after_an_import_of_older_comments_the_feeds_tell_what_becomes_of_newer_ones(
    service: InProcess, make_service: MakeService, reader: Reader, tmp_path: Path, change: str
) -> None:
    """What an import brings has the newest rows and the oldest times."""
    past = make_service()
    past.clock.move(days=-400)
    for number in range(FEED_ENTRIES + 1):
        past.reader().comment("old", f"Number {number}.")
    past.run("export", str(tmp_path / "past.jsonl"))
    posted = reader.posted("a", "Of today.")
    service.run("import", str(tmp_path / "past.jsonl"))
    feeds = ("/feeds/site.atom", "/feeds/site.json")
    assert all("Of today." in reader.get(feed).text for feed in feeds)

    match change:
        case "trashed":
            service.moderator().decide("trash", posted["comment"]["id"])
        case "deleted":
            assert reader.delete(posted["comment"]["id"], posted["edit_key"]).status_code == 204
        case "edited":
            assert reader.edit(posted["comment"]["id"], posted["edit_key"], "Edited.").status_code == 200

    assert not any("Of today." in reader.get(feed).text for feed in feeds)
