"""Disqus's XML export."""

from __future__ import annotations

from pathlib import Path

import pytest

from commentsvc.transfer.foreign import ForeignState, Markup, Visibility
from commentsvc.transfer.formats.disqus import Disqus
from tests.transfer.counting import read

pytestmark = pytest.mark.unit
FILE = Path(__file__).parent / "data" / "disqus.xml"


def test_everything_in_an_export_is_counted(tmp_path):
    reading = read(Disqus(), FILE, tmp_path)

    assert reading.told == []
    assert reading.counts() == {
        "threads": 4,
        "threads_with_comments": 5,  # one of them is not in the file, and one comment names none
        "comments": 7,
        "approved": 4,
        "pending": 1,
        "spam": 1,
        "deleted": 1,
        "pings": 0,
        "max_depth": 2,
        "replies": 1,
        "orphans": 1,
        "cross_thread_parents": 0,
        "cycle_members": 0,
        "no_email": 6,
        "anonymous": 3,
        "empty_body": 1,
        "duplicate_ids": 0,
        "closed_threads": 1,
        "duplicate_thread_links": 0,
        "threads_without_link": 1,
    }


def test_a_thread_has_its_link_and_title_and_whether_it_is_closed_or_deleted(tmp_path):
    first, closed, gone, bare = read(Disqus(), FILE, tmp_path).threads

    assert (first.key, first.link) == ("100", "https://harbour.example/ferry-times/?lang=en&page=1")
    assert (first.title, first.closed, first.visibility) == ("Ferry times & fares", False, Visibility.PUBLIC)
    assert first.line == 6
    assert (closed.closed, gone.visibility) == (True, Visibility.DELETED)
    assert not bare.link


def test_a_comment_has_its_parent_state_author_and_date(tmp_path):
    comments = {comment.key: comment for comment in read(Disqus(), FILE, tmp_path).comments}

    reply = comments["3"]
    assert (reply.thread, reply.parent, reply.name, reply.email) == (
        "100",
        "2",
        "Ivo Lund",
        "ivo@mail.example",
    )
    assert reply.text == "<p>A reply, before what it answers &amp; with <b>markup</b>.</p>"
    assert (reply.posted_at, reply.markup, reply.line) == ("2019-03-02T10:00:00+02:00", Markup.HTML, 26)
    assert [comments[key].state for key in "2456"] == [
        ForeignState.APPROVED,
        ForeignState.SPAM,
        ForeignState.DELETED,
        ForeignState.PENDING,
    ]
    assert comments["2"].text == "<p>Two lines,<br>\nno markup <3 and an end</p>"
    assert (comments["2"].anonymous, comments["2"].name) == (True, "Nadia")
    bare = comments["7"]
    assert (bare.name, bare.anonymous, bare.email, bare.posted_at) == ("", True, None, None)
    assert comments[""].thread is None


@pytest.mark.parametrize(
    ("head", "is_one"),
    [
        (b"<disqus xmlns='http://disqus.com'>", True),
        (b"\xef\xbb\xbf\r\n<?xml version='1.0'?>\n<!-- a --><disqus>", True),
        ("<?xml version='1.0' encoding='utf-16'?><disqus>".encode("utf-16"), True),
        (
            b"<br />\n<b>Warning</b>: mkdir() in export.php on line 3<br />\n<?xml version='1.0'?><disqus>",
            True,
        ),
        (b"<?xml version='1.0'?><rss xmlns:dsq='http://www.disqus.com/'>", False),
        (b'[{"text": "<disqus>"}]', False),
        (b"", False),
        (b"\0" * 100, False),
    ],
)
def test_an_export_is_known_by_its_root(head, is_one):
    assert Disqus().detect(head, "export") is is_one
