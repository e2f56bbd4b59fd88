"""What docs/themes.md promises to publishers: every property, every part, the samples, and paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, FloatRect, Locator, Page, expect

from docs.look.samples import THEMES, Sample, samples, seed
from tests.browser.test_accessibility import RULES, axe
from tests.browser.widget import Embedded, Widget, embedded

pytestmark = pytest.mark.sampled(3, of="file")

Scheme = Literal["light", "dark"]
ROOT = Path(__file__).parents[2]
STYLES = (ROOT / "commentsvc" / "static" / "widget" / "comments.css").read_text()
MARKED = "rgb(1, 2, 3)"  # an outline that nothing has by itself
# What the properties set, of everything in the shadow root and of what stands before it.
ALL_STYLES = """() => [...document.querySelector("comment-thread").shadowRoot.querySelectorAll("*")].flatMap(
  (element) => [null, "::before"].map((pseudo) => {
    const { color, backgroundColor, borderColor, borderRadius, fontFamily, fontSize, margin } = getComputedStyle(element, pseudo);
    return [color, backgroundColor, borderColor, borderRadius, fontFamily, fontSize, margin].join(";");
  }))"""
# Each part of each element, with the colour of its outline.
OUTLINES = """() => [...document.querySelector("comment-thread").shadowRoot.querySelectorAll("[part]")].flatMap(
  (element) => [...element.part].map((part) => [part, getComputedStyle(element).outlineColor]))"""


def table(heading: str) -> list[list[list[str]]]:
    """What is marked as code in each cell of the table under that heading."""
    section = THEMES.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[re.findall(r"`([^`]+)`", cell) for cell in line.split("|")[1:-1]] for line in lines]


PROPERTIES = {name: example for [name], _, _, [example] in table("Custom properties")}
PARTS = [name for names, _ in table("Parts") for name in names]


def test_the_page_lists_every_property_and_no_other() -> None:
    head, rest = STYLES.split("*/", 1)

    assert set(re.findall(r"var\((--comments-[\w-]+)", rest)) == set(PROPERTIES)
    assert set(re.findall(r"--comments-[\w-]+", head)) == set(PROPERTIES)


def test_the_page_lists_every_part_and_no_other() -> None:
    templates = "".join(file.read_text() for file in (ROOT / "templates").rglob("*.html"))
    named = {part for parts in re.findall(r'\bpart="([^"]+)"', templates) for part in parts.split()}

    assert sorted(PARTS) == sorted(named)


def test_each_property_changes_what_one_sees(widget: Widget, at: Embedded) -> None:
    at.reader().comment("properties", "> A quote, and a https://link.example/", name="Ann")
    answered = at.reader().comment("properties", name="Bo")
    at.reader().comment("properties", name="Cy", parent=answered)
    widget.open("properties")
    expect(widget.comment("Cy")).to_be_visible()

    without_effect = []
    for name, example in PROPERTIES.items():
        set_property = (
            "([name, value]) => document.querySelector('comment-thread').style.setProperty(name, value)"
        )
        before = widget.page.evaluate(ALL_STYLES)  # each time: parts of the widget come late
        widget.page.evaluate(set_property, [name, example])
        if widget.page.evaluate(ALL_STYLES) == before:
            without_effect.append(name)
        widget.page.evaluate(set_property, [name, ""])

    assert without_effect == []


def test_a_property_may_stand_on_any_element_above(widget: Widget, at: Embedded) -> None:
    at.reader().comment("above", name="Ann")
    widget.open("above")
    wear(widget.page, ":root { --comments-accent: #8a1c2b; }")

    expect(widget.reply_to("Ann")).to_have_css("color", "rgb(138, 28, 43)")


def some_comments(widget: Widget, at: Embedded) -> None:
    reader = at.reader()
    removed = reader.comment("parts", name="Ann")
    reader.comment("parts", name="Bo", parent=removed)
    reader.comment("parts", name="Cy")
    at.live.moderator().decide("trash", removed)
    widget.open("parts", page_size="2")
    expect(widget.comment("Bo")).to_be_visible()


def what_moderators_marked(widget: Widget, at: Embedded) -> None:
    marked = at.reader().comment("parts with marks", name="Ann")
    marks = {"pinned": True, "locked": True, "staff": True}
    at.live.moderator().request("PATCH", f"/comments/{marked}", json=marks)
    widget.open("parts with marks")
    expect(widget.comment("Ann")).to_be_visible()


def nothing_yet(widget: Widget, _at: Embedded) -> None:
    widget.open("parts of nothing")
    expect(widget.page.get_by_text("No comments yet.")).to_be_visible()


def closed(widget: Widget, _at: Embedded) -> None:
    widget.open("parts", closed="closed")
    expect(widget.page.get_by_text("This discussion is closed.")).to_be_visible()


def one_that_waits(widget: Widget, at: Embedded) -> None:
    at.live.run("site", "add", "waiting", "--origin", at.site.url)
    at.live.run("site", "set", "waiting", "--moderation", "all")
    widget.open("parts", site="waiting")
    widget.write("Not yet.")
    widget.send()
    expect(widget.button("Edit").first).to_be_visible()


def one_that_is_deleted(widget: Widget, _at: Embedded) -> None:
    widget.open("parts of one's own")
    widget.write("Not any more.")
    widget.send()
    widget.button("Delete").first.click()
    expect(widget.button("Undo")).to_be_visible()


def test_each_part_is_reached_from_the_page(context: BrowserContext, at: Embedded) -> None:
    seen: set[str] = set()
    for show in (
        some_comments,
        what_moderators_marked,
        nothing_yet,
        closed,
        one_that_waits,
        one_that_is_deleted,
    ):
        widget = Widget(context, at)
        show(widget, at)
        wear(
            widget.page,
            "".join(f"comment-thread::part({part}) {{ outline: 1px solid {MARKED}; }}" for part in PARTS),
        )
        outlines = widget.page.evaluate(OUTLINES)
        assert [part for part, colour in outlines if colour != MARKED] == []
        seen |= {part for part, _ in outlines}

    assert seen == set(PARTS)


# The samples


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A service with the samples' discussions, and a site without a policy, as their pages have styles within."""
    folder = tmp_path_factory.mktemp("samples")
    (folder / "data").mkdir()
    seed(folder / "data")
    with embedded(folder, csp=None) as both:
        yield both


@pytest.mark.soak
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.name)
def test_a_sample_can_be_read(browser: Browser, sampled: Embedded, sample: Sample, scheme: Scheme) -> None:
    context = browser.new_context(color_scheme=scheme, locale="en-GB", reduced_motion="reduce")
    widget = Widget(context, sampled)
    widget.page.goto(sampled.site.whole(sample.page(sampled.live.base_url)))
    widget.reply_to("Ann").or_(widget.reply_to("Ann Ashdown")).first.click()
    widget.send()
    expect(widget.page.get_by_text("Please write a comment.")).to_be_visible()

    for width in (320, 1280):
        widget.page.set_viewport_size({"width": width, "height": 800})
        widget.page.evaluate(axe())
        found = widget.page.evaluate("(rules) => axe.run({ runOnly: rules })", RULES)
        assert [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]] == []
        assert widget.page.evaluate("document.documentElement.scrollWidth") == width
    context.close()


def test_there_are_three_samples() -> None:
    assert [sample.name for sample in samples()] == ["newspaper", "blog", "manual"]


# Paper


@pytest.mark.chromium_only("BiDi does not show a page as on paper")
def test_paper_shows_the_discussion_alone_in_black_on_white(widget: Widget, at: Embedded) -> None:
    root = at.reader().comment("paper", "What one came for.", name="Ann")
    at.reader().comment("paper", "What was folded.", name="Bo", parent=root)
    for number in range(3):
        at.reader().comment("paper", f"Number {number}.")
    widget.open("paper", theme="dark", page_size="4")
    widget.button("Hide 1 reply").click()
    expect(widget.page.get_by_text("What was folded.")).to_be_hidden()

    widget.page.emulate_media(media="print", color_scheme="dark")

    expect(widget.page.get_by_text("What was folded.")).to_be_visible()
    expect(widget.page.get_by_role("heading", name="Comments (5)")).to_be_visible()
    expect(
        widget.page.locator("comment-thread").locator("form, button, nav, .reply, .more").filter(visible=True)
    ).to_have_count(0)
    section = widget.page.locator("comment-thread .comments")
    expect(section).to_have_css("color", "rgb(0, 0, 0)")
    expect(section).to_have_css("background-color", "rgb(255, 255, 255)")


@pytest.mark.chromium_only("BiDi does not show a page as on paper")
def test_the_whole_page_is_printed_from_a_dark_screen_as_from_a_light_one(at: Embedded, page: Page) -> None:
    at.reader().comment("paper of a page", "What one came for.")
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(f"{at.live.base_url}/thread?article=paper of a page")

    expect(page.get_by_text("What one came for.")).to_be_visible()
    expect(page.locator("form")).to_be_hidden()
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")


# Places


@pytest.mark.soak
@pytest.mark.parametrize(
    ("text", "lang"), [("شكرا جزيلا", "en"), ("Thank you", "ar")], ids=["Arabic", "English"]
)
def test_a_text_that_runs_the_other_way_stands_beside_the_avatar_too(
    widget: Widget, at: Embedded, text: str, lang: str
) -> None:
    article = f"beside {lang}"
    at.reader().comment(article, text, name="Ann")
    widget.open(article, lang=lang)
    comment = widget.page.locator("comment-thread .comment")
    avatar, beside = box(comment.locator(".avatar")), box(comment.locator(".text"))

    if lang == "ar":
        assert beside["x"] + beside["width"] < avatar["x"]
    else:
        assert beside["x"] > avatar["x"] + avatar["width"]


def test_without_avatars_names_and_texts_stand_at_the_edge(widget: Widget, at: Embedded) -> None:
    at.reader().comment("no discs", name="Ann")
    widget.open("no discs")
    wear(
        widget.page,
        "comment-thread::part(avatar) { display: none; } comment-thread::part(comment) { padding: 0; }",
    )

    comment = widget.page.locator("comment-thread .comment")
    edge = box(widget.page.get_by_role("heading", name="Comments"))["x"]
    assert [box(comment.locator(part))["x"] for part in (".author", ".byline .facts", ".text")] == [edge] * 3


def test_a_field_that_is_alone_in_its_line_fills_it(widget: Widget) -> None:
    widget.page.set_viewport_size({"width": 480, "height": 800})
    widget.open("a line")
    expect(widget.text).to_be_visible()

    assert (
        box(widget.field("Website"))["y"] > box(widget.field("Email"))["y"] == box(widget.field("Name"))["y"]
    )
    assert box(widget.field("Website"))["width"] == box(widget.text)["width"]


@pytest.mark.soak
def test_no_end_of_a_line_of_code_is_out_of_sight(widget: Widget, at: Embedded) -> None:
    at.reader().comment("code", "```\n" + "w" * 300 + "\n```")
    widget.page.set_viewport_size({"width": 320, "height": 800})
    widget.open("code")
    code = widget.page.locator("comment-thread pre")

    assert code.evaluate("(pre) => pre.scrollWidth <= pre.clientWidth")
    assert code.evaluate("(pre) => pre.clientHeight") > 100


def wear(page: Page, styles: str) -> None:
    """Put styles into the page, as its policy allows it."""
    page.evaluate(
        "(styles) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(styles); document.adoptedStyleSheets = [sheet]; }",
        styles,
    )


def box(place: Locator) -> FloatRect:
    found = place.bounding_box()
    assert found
    return found
