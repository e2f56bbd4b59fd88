"""Text that an input method composes (Japanese, Chinese, Korean, Android's keyboards) is heard like any other."""

from __future__ import annotations

import json
import time

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.browser.widget import Embedded, Widget

pytestmark = [
    pytest.mark.sampled(12, of="file"),
    pytest.mark.chromium_only("the input method is played by Chromium's own protocol"),
]


class InputMethod:
    """Chromium's own composition, as an input method drives it."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)

    def compose(self, text: str) -> None:
        """Show *text*, underlined: it may become another yet."""
        self._session.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )

    def commit(self, text: str) -> None:
        self._session.send("Input.insertText", {"text": text})

    def press(self, key: str, *, modifiers: int = 0) -> None:
        """A key that the input method takes: the page sees the code 229 instead of its own."""
        key_event = {"key": key, "code": key, "windowsVirtualKeyCode": 229, "modifiers": modifiers}
        self._session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key_event})
        self._session.send("Input.dispatchKeyEvent", {"type": "keyUp", **key_event})


@pytest.fixture
def input_method(widget: Widget) -> InputMethod:
    return InputMethod(widget.page)


def draft(widget: Widget) -> str:
    """The text that the browser keeps, once it keeps any."""
    widget.wait_until("Object.keys(localStorage).some((name) => name.includes(' draft '))")
    [kept] = [value for name, value in widget.kept().items() if name.startswith("draft ")]
    return str(json.loads(kept)["text"])


def touch(widget: Widget, field: Locator) -> None:
    """Go there, and wait until the widget listens."""
    with widget.page.expect_response("**/api/v1/form?*"):
        field.focus()


@pytest.mark.parametrize("text", ["こんにちは", "你好", "안녕하세요", "hello"])
def test_a_text_that_is_composed_yet_is_a_draft(widget: Widget, input_method: InputMethod, text: str) -> None:
    widget.open(f"composed {text}")
    touch(widget, widget.text)

    for end in range(1, len(text) + 1):
        input_method.compose(text[:end])

    expect(widget.text).to_have_value(text)
    widget.wait_until(f"Object.values(localStorage).some((kept) => kept.includes({text!r}))")
    assert draft(widget) == text


def test_what_was_typed_before_the_widget_listened_is_a_draft_with_what_follows(
    widget: Widget, input_method: InputMethod
) -> None:
    widget.page.route("**/write-*", lambda route: (time.sleep(0.3), route.continue_()))
    widget.open("composed early")
    widget.text.focus()

    input_method.compose("かんじ")

    widget.wait_until("Object.values(localStorage).some((kept) => kept.includes('かんじ'))")


def test_an_error_goes_and_a_preview_too_while_one_composes(
    widget: Widget, input_method: InputMethod
) -> None:
    widget.open("composed error")
    widget.write("Some text.")
    widget.button("Preview").click()
    expect(widget.page.get_by_role("region", name="Preview")).to_be_visible()
    widget.text.focus()

    input_method.compose("に")

    expect(widget.page.get_by_role("region", name="Preview")).to_be_hidden()
    widget.text.fill("")
    widget.send()
    expect(widget.text).to_have_attribute("aria-invalid", "true")
    expect(widget.text).to_be_focused()
    input_method.compose("に")
    expect(widget.text).not_to_have_attribute("aria-invalid", "true")


def test_the_length_is_counted_while_one_composes(widget: Widget, input_method: InputMethod) -> None:
    widget.open("composed length")
    touch(widget, widget.text)
    widget.text.fill("x" * 9_500)

    input_method.compose("にほん")

    expect(widget.page.get_by_text("9503 / 10000")).to_be_visible()


@pytest.mark.parametrize(("label", "name"), [("Name", "name"), ("Email", "email"), ("Website", "url")])
def test_a_field_of_the_person_is_heard_too(
    widget: Widget, input_method: InputMethod, label: str, name: str
) -> None:
    widget.open(f"composed {name}")
    widget.write("Some text.", name="", email="")
    widget.page.get_by_label("Remember me").check()
    widget.send()
    expect(widget.field("Name")).to_be_focused()  # and no longer read-only, as while it was sent
    expect(widget.field("Name")).to_have_attribute("aria-invalid", "true")
    field = widget.field(label)
    field.focus()

    input_method.compose("あ")

    expect(field).not_to_have_attribute("aria-invalid", "true")
    widget.wait_until("Object.values(localStorage).some((kept) => kept.includes('あ'))")
    assert json.loads(widget.kept()["person"])[name] == "あ"


def test_an_answer_is_a_draft_and_an_edit_is_saved(
    widget: Widget, at: Embedded, input_method: InputMethod
) -> None:
    at.reader().comment("composed answer", name="Bo")
    widget.open("composed answer")
    widget.reply_to("Bo").click()
    expect(widget.text).to_be_focused()

    input_method.compose("返事")

    widget.wait_until("Object.values(localStorage).some((kept) => kept.includes('返事'))")
    input_method.commit("返事")
    widget.field("Name").fill("Ada Sample")
    widget.field("Email").fill("ada@paper.example")
    widget.send()
    expect(widget.comment("Ada Sample")).to_contain_text("返事")
    widget.button("Edit").click()
    widget.text.fill("")
    input_method.compose("訂正")
    input_method.commit("訂正")
    widget.button("Save").click()
    expect(widget.comment("Ada Sample")).to_contain_text("訂正")


@pytest.mark.parametrize("key", ["Enter", "Escape"])
def test_a_key_of_the_input_method_neither_sends_nor_leaves(
    widget: Widget, at: Embedded, input_method: InputMethod, key: str
) -> None:
    article = f"composed {key}"
    at.reader().comment(article, name="Bo")
    widget.open(article)
    widget.answer("Bo")
    widget.write("Text.")
    widget.text.focus()
    input_method.compose("に")

    input_method.press(key, modifiers=2)  # Ctrl
    widget.page.wait_for_timeout(300)

    expect(widget.page.get_by_role("link", name="Cancel reply")).to_be_visible()
    expect(widget.text).to_have_value("Text.に")
    assert at.reader().thread(article)["count"] == 1


def test_after_the_input_method_the_keys_do_what_they_do(
    widget: Widget, at: Embedded, input_method: InputMethod
) -> None:
    widget.open("composed sent")
    widget.write("")
    widget.text.focus()
    input_method.compose("に")
    input_method.commit("日本語")

    widget.page.keyboard.press("Control+Enter")

    expect(widget.comment("Ada Sample")).to_contain_text("日本語")
