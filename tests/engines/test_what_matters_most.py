"""What matters most, in each engine: on another origin's page under a strict policy with Trusted Types, and without a script."""

from __future__ import annotations

import pytest

from tests.browser.widget import Embedded
from tests.engines.pages import FORBID_STORAGE, page_of
from tests.engines.visitor import Visitor

pytestmark = pytest.mark.sampled(32, of="file")  # the engines by turns


def test_a_thread_is_read(visitor: Visitor, at: Embedded, article: str) -> None:
    reader = at.reader()
    first = reader.comment(article, "A *first* one.", name="Bo")
    reader.comment(article, "An answer.", name="Cy", parent=first)

    visitor.open(page_of(at, article))

    visitor.sees("heading", "Comments 2")
    visitor.sees("comment", "Cy")
    visitor.reads("A first one.")
    visitor.sees("form", "Leave a reply")
    assert visitor.tab.run("return violations;") == []


def test_a_comment_is_posted(visitor: Visitor, at: Embedded, article: str) -> None:
    visitor.open(page_of(at, article))
    visitor.write("Written *in* the widget.")
    visitor.click("button", "Post comment")

    visitor.is_at("comment", "Ada Sample")
    visitor.reads("Written in the widget.")
    visitor.sees("heading", "Comments 1")
    visitor.sees("status", "Your comment is posted.")
    assert at.reader().texts(article) == ["Written <em>in</em> the widget."]
    assert visitor.tab.run("return violations;") == []


def test_a_reply_is_posted_below_what_it_answers(visitor: Visitor, at: Embedded, article: str) -> None:
    question = at.reader().comment(article, "A question.", name="Bo")
    at.reader().comment(article, "Another.", name="Cy")
    visitor.open(page_of(at, article))

    visitor.click("link", "Reply to Bo")
    visitor.sees("form", "Reply to Bo")
    visitor.write("An answer.")
    visitor.click("button", "Post comment")

    visitor.is_at("comment", "Ada Sample")
    assert [c["parent"] for c in at.reader().thread(article)["comments"]] == [None, question, None]


def test_a_preview_is_shown(visitor: Visitor, at: Embedded, article: str) -> None:
    visitor.open(page_of(at, article))
    visitor.fill("Comment", "One **bold** word.")

    visitor.click("button", "Preview")

    visitor.sees("region", "Preview")
    visitor.reads("One bold word.")
    assert visitor.style("#preview strong", "fontWeight") == "700"
    assert visitor.tab.run("return violations;") == []


def test_ones_own_comment_is_edited(visitor: Visitor, at: Embedded, article: str) -> None:
    visitor.open(page_of(at, article))
    visitor.write("First thoughts.")
    visitor.click("button", "Post comment")
    visitor.click("button", "Edit")
    visitor.has_written("Comment", "First thoughts.")

    visitor.fill("Comment", "Second thoughts.")
    visitor.click("button", "Save")

    visitor.reads("Second thoughts.")
    visitor.is_at("comment", "Ada Sample")
    assert at.reader().texts(article) == ["Second thoughts."]


def test_a_draft_is_there_after_a_reload(visitor: Visitor, at: Embedded, article: str) -> None:
    visitor.open(page_of(at, article))
    visitor.fill("Comment", "Half a thought")
    visitor.wait_until(
        lambda: visitor.tab.run("return JSON.stringify({ ...localStorage }).includes('Half a thought');"),
        "nothing is stored",
    )

    visitor.open(page_of(at, article))

    visitor.has_written("Comment", "Half a thought")


def test_where_storage_is_forbidden_all_works_until_the_page_is_left(
    visitor: Visitor, at: Embedded, article: str
) -> None:
    visitor.open(page_of(at, article, script=FORBID_STORAGE))
    visitor.write("First thoughts.")
    visitor.click("button", "Post comment")
    visitor.click("button", "Edit")
    visitor.fill("Comment", "Second thoughts.")
    visitor.click("button", "Save")

    visitor.reads("Second thoughts.")
    assert at.reader().texts(article) == ["Second thoughts."]


def test_a_thread_from_right_to_left_is_mirrored(visitor: Visitor, at: Embedded, article: str) -> None:
    at.reader().comment(article, "Hello.", name="Bo")

    visitor.open(page_of(at, article, lang="ar"))

    visitor.sees("comment", "Bo")
    assert visitor.style(".comments", "direction") == "rtl"
    avatar, comment = visitor.box(".avatar"), visitor.box("article")
    assert abs(avatar["right"] - comment["right"]) < 1
    assert avatar["left"] > comment["left"]


def test_the_dark_theme_has_light_letters(visitor: Visitor, at: Embedded, article: str) -> None:
    at.reader().comment(article, "Hello.", name="Bo")

    visitor.open(page_of(at, article, theme="dark"))

    visitor.sees("comment", "Bo")
    for part in ("article .text", "textarea"):
        assert visitor.style(part, "color") == "rgb(228, 230, 232)"
    assert visitor.style("comment-thread", "backgroundColor") == "rgb(22, 24, 27)"


def test_the_whole_page_reads_previews_and_posts_without_a_script(
    without_scripts: Visitor, at: Embedded, article: str
) -> None:
    at.reader().comment(article, "A question.", name="Bo")
    without_scripts.open(page_of(at, article))
    without_scripts.click("link", "Comments")
    without_scripts.reads("A question.")
    without_scripts.write("Written *without* a script.")

    without_scripts.click("button", "Preview")
    without_scripts.sees("region", "Preview")
    without_scripts.has_written("Comment", "Written *without* a script.")
    without_scripts.click("button", "Post comment")

    without_scripts.sees("comment", "Ada Sample")
    without_scripts.reads("Written without a script.")
    assert "#comment-" in without_scripts.tab.run("return location.href;")
