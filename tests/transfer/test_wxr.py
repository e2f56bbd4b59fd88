"""WordPress's export, and the dialect of it that Disqus imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.foreign import ForeignState, Visibility
from commentsvc.transfer.format import recognised
from commentsvc.transfer.formats.wxr import Wxr
from commentsvc.transfer.sources import opened
from tests.transfer.counting import read

pytestmark = pytest.mark.unit
DATA = Path(__file__).parent / "data"
FILE = DATA / "wxr.xml"


def test_everything_in_an_export_is_counted(tmp_path):
    reading = read(Wxr(), FILE, tmp_path)

    assert reading.told == []
    assert reading.counts() == {
        "threads": 7,  # not the menu
        "threads_with_comments": 5,
        "comments": 14,
        "approved": 9,
        "pending": 2,
        "spam": 1,
        "deleted": 2,
        "pings": 2,
        "max_depth": 2,
        "replies": 1,
        "orphans": 0,
        "cross_thread_parents": 0,
        "cycle_members": 0,
        "no_email": 13,
        "anonymous": 1,
        "empty_body": 0,
        "duplicate_ids": 0,
        "closed_threads": 1,
        "duplicate_thread_links": 0,
        "threads_without_link": 1,
    }


def test_an_item_says_whether_everybody_can_read_it(tmp_path):
    threads = {thread.key: thread for thread in read(Wxr(), FILE, tmp_path).threads}

    assert (threads["7"].title, threads["7"].closed) == ("Spring & neap", True)
    assert {key: thread.visibility for key, thread in threads.items()} == {
        "7": Visibility.PUBLIC,
        "8": Visibility.HIDDEN,
        "9": Visibility.HIDDEN,
        "10": Visibility.DELETED,
        "11": Visibility.PUBLIC,
        "13": Visibility.HIDDEN,
        "7:7": Visibility.PUBLIC,  # its id was another item's before
    }


def test_a_comment_has_its_lines_date_and_author(tmp_path):
    comments = {comment.key: comment for comment in read(Wxr(), FILE, tmp_path).comments}

    first = comments["21"]
    assert first.text == "<p>First line<br>\nsecond line</p>\n<p>New paragraph with ]]> in it</p>"
    assert (first.name, first.email, first.url) == ("Jo & Co", "jo@mail.example", "https://jo.example/")
    assert (first.thread, first.parent, first.posted_at) == ("7", None, "2024-04-01 10:30:00")
    assert first.line == 28
    assert (comments["22"].parent, comments["22"].posted_at) == ("21", "2024-04-02 12:30:00")
    assert comments["22"].state is comments["27"].state is ForeignState.PENDING
    assert comments["25"].state is comments["26"].state is ForeignState.DELETED
    assert comments["24"].state is ForeignState.SPAM
    assert [key for key, comment in comments.items() if comment.ping] == ["23", "24"]
    assert comments["23"].name == "Elsewhere » Tides"
    assert comments["31"].thread == "7:7"


def test_notes_of_orders_and_logs_are_no_comments(tmp_path):
    comments = read(Wxr(), FILE, tmp_path).comments

    malformed = {comment.key: comment.malformed for comment in comments if comment.malformed}
    assert malformed.keys() == {"29", "30", "32", "33", "34"}
    assert malformed["29"] == "a note or log, no comment: order_note"


def test_in_the_dialect_of_disqus_any_item_is_a_thread(tmp_path):
    reading = read(Wxr(), DATA / "wxr-for-disqus.xml", tmp_path)

    assert [(thread.key, thread.closed) for thread in reading.threads] == [
        ("lighthouse-1", False),
        ("pier", True),
    ]
    (comment,) = reading.comments
    assert (comment.key, comment.thread, comment.parent) == ("65", "lighthouse-1", None)
    assert (comment.text, comment.posted_at) == ("Seen from <i>far</i> away", "2010-09-20 13:19:10")


def test_ids_stay_when_items_are_added_before(tmp_path):
    """A later export names what was there before as the earlier one did."""
    text = FILE.read_text(encoding="utf-8")
    added = "<item><wp:post_id>5</wp:post_id><wp:post_type>post</wp:post_type></item>\n\t<item>"
    later = tmp_path / "later.xml"
    later.write_text(text.replace("<item>", added, 1), encoding="utf-8")

    before = {(one.thread, one.key) for one in read(Wxr(), FILE, tmp_path).comments if one.thread != "7:7"}
    assert before <= {(one.thread, one.key) for one in read(Wxr(), later, tmp_path).comments}


def test_an_item_is_the_same_wherever_the_file_is_cut_for_reading(monkeypatch, tmp_path):
    comment = "<wp:comment><wp:comment_id>1</wp:comment_id></wp:comment>"
    start = "<rss xmlns:wp='http://wordpress.org/export/1.2/'><channel><item>"
    end = "<wp:post_id>4711</wp:post_id><wp:post_type>shop_order</wp:post_type></item></channel></rss>"
    file = tmp_path / "export.xml"
    file.write_text(start + comment + end)

    for length in range(len(start), len(start + comment + end)):
        monkeypatch.setattr("commentsvc.transfer.readers.xml.HEAD_BYTES", length)
        (found,) = read(Wxr(), file, tmp_path).comments
        assert found.thread == "4711"
        assert found.malformed


def test_an_export_in_parts_is_one(tmp_path):
    """WordPress parts a large export: an item's number goes on, and what lies beside is passed over."""
    parts = tmp_path / "parts"
    parts.mkdir()
    for name in ("site.000.xml", "site.001.xml"):
        (parts / name).write_bytes(FILE.read_bytes())
    (parts / "readme.txt").write_text("Thank you")

    assert recognised(opened(parts, False, print, tmp_path)).name == "wxr"
    reading = read(Wxr(), parts, tmp_path)
    assert len(reading.threads) == len({thread.key for thread in reading.threads}) == 14

    (parts / "site.000.xml").unlink()
    (parts / "site.001.xml").unlink()
    (parts / "other.txt").write_text("Nothing")
    with pytest.raises(Unreadable):
        read(Wxr(), parts, tmp_path)
    with pytest.raises(Unreadable):
        recognised(opened(parts, False, print, tmp_path))


@pytest.mark.parametrize(
    ("head", "is_one"),
    [
        (FILE.read_bytes()[:4096], True),
        ((DATA / "wxr-for-disqus.xml").read_bytes()[:600], True),
        (b"<rss xmlns:wp='http://wordpress.org/export/1.0/'>", True),
        (b"<rss version='2.0'><channel><title>News</title></channel></rss>", False),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'><id>wordpress.org/export/</id>", False),
    ],
)
def test_an_export_is_known_by_its_namespace(head, is_one):
    assert Wxr().detect(head, "export.xml") is is_one
