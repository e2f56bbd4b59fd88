"""A text that costs too much to show, or on which the renderer fails, is refused beside its field; nothing is lost."""

from __future__ import annotations

import pytest

from commentsvc.publishing import sanitise
from tests.people import Reader
from tests.posting.html_page import Page
from tests.running_service import InProcess

pytestmark = pytest.mark.any_database

COSTLY = ("![" * 300 + "~~a~~" * 2000)[:10_000]


def test_a_preview_and_a_post_of_it_are_refused(reader: Reader) -> None:
    preview = reader.http.post("/api/v1/preview", json={"text": COSTLY})
    post = reader.post("a", COSTLY)

    for answer in (preview, post):
        assert answer.status_code == 422
        assert "too much formatting" in answer.json()["errors"]["text"][0]
    assert reader.thread("a")["count"] == 0


def test_the_page_keeps_what_was_typed(service: InProcess) -> None:
    answered = Page.of(service.reader(), "a").send(text=COSTLY)

    assert answered.answer.status_code == 422
    assert answered.typed()["text"] == COSTLY


def test_a_failure_of_the_renderer_is_no_failure_of_the_service(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(text: str) -> str:
        raise RuntimeError(f"inline rule didn't increment state.pos in {text}")

    monkeypatch.setattr(sanitise._markdown, "render", fail)  # no text is known on which it still fails

    answer = reader.post("a", "words of mine")

    assert answer.status_code == 422
    assert "cannot be shown" in answer.json()["errors"]["text"][0]
    assert "rendering failed" in caplog.text
    assert "words of mine" not in caplog.text
