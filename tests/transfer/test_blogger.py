"""Blogger's two exports."""

from __future__ import annotations

from pathlib import Path

import pytest

from commentsvc.transfer.foreign import ForeignState, Visibility
from commentsvc.transfer.formats.blogger import Blogger
from tests.transfer.counting import read

pytestmark = pytest.mark.unit
DATA = Path(__file__).parent / "data"
NONE = {
    "pings": 0, "orphans": 0, "cross_thread_parents": 0, "cycle_members": 0, "empty_body": 0, "duplicate_ids": 0,
    "closed_threads": 0, "duplicate_thread_links": 0, "deleted": 0,
}  # fmt: skip


def test_a_feed_of_the_settings_page(tmp_path):
    reading = read(Blogger(), DATA / "blogger.xml", tmp_path)

    assert reading.told == []
    assert reading.counts() == NONE | {
        "threads": 2,
        "threads_with_comments": 2,
        "comments": 3,
        "approved": 2,
        "pending": 1,
        "spam": 0,
        "max_depth": 2,
        "replies": 1,
        "no_email": 2,
        "anonymous": 1,
        "threads_without_link": 1,
    }
    post, page = reading.threads
    assert (post.title, post.link) == ("Marram grass", "https://dunes.example/2011/05/marram-grass.html")
    assert (post.visibility, page.visibility) == (Visibility.PUBLIC, Visibility.HIDDEN)
    reply = reading.comments[0]
    assert (reply.key, reply.thread, reply.parent) == ("802", "tag:blogger.com,1999:blog-55.post-700", "801")
    assert (reply.name, reply.email, reply.url) == (
        "Tim",
        "tim@mail.example",
        "https://www.blogger.com/profile/9",
    )
    assert (reply.text, reply.posted_at) == (
        "I thought so <b>too</b>.<br />Tim",
        "2011-05-03T10:11:12.345-07:00",
    )


def test_a_feed_of_takeout(tmp_path):
    reading = read(Blogger(), DATA / "blogger-takeout.atom", tmp_path)

    assert reading.counts() == NONE | {
        "threads": 3,
        "threads_with_comments": 1,
        "comments": 3,
        "approved": 1,
        "pending": 1,
        "spam": 1,
        "max_depth": 2,
        "replies": 1,
        "no_email": 3,
        "anonymous": 1,
        "threads_without_link": 0,
    }
    assert [(one.link, one.visibility) for one in reading.threads] == [
        ("/2024/06/samphire.html", Visibility.PUBLIC),
        ("/p/later.html", Visibility.HIDDEN),
        ("/2024/06/old.html", Visibility.DELETED),
    ]
    assert [(one.key, one.parent, one.state) for one in reading.comments] == [
        ("11", None, ForeignState.APPROVED),
        ("12", "11", ForeignState.PENDING),
        ("13", None, ForeignState.SPAM),
    ]


@pytest.mark.parametrize(
    ("head", "is_one"),
    [
        ((DATA / "blogger.xml").read_bytes(), True),
        ((DATA / "blogger-takeout.atom").read_bytes(), True),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'><id>urn:uuid:1</id></feed>", False),
        (b"<rss><channel><guid>tag:blogger.com,1999:blog-1</guid></channel></rss>", False),
    ],
)
def test_a_feed_is_known_by_its_ids(head, is_one):
    assert Blogger().detect(head, "feed.atom") is is_one
