"""One's own comment as HTML: for the widget of its author, who holds the edit key."""

from __future__ import annotations

from tests.conftest import MakeService
from tests.people import Json, Reader, bearer
from tests.running_service import InProcess


def own(reader: Reader, posted: Json, key: str | None = None) -> tuple[int, str]:
    headers = bearer(posted["edit_key"] if key is None else key)
    answer = reader.http.get("/thread/own", params={"comment": posted["comment"]["id"]}, headers=headers)
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.text


def test_a_public_one_looks_as_it_does_to_everybody(reader: Reader) -> None:
    root = reader.comment("a", name="Bo")
    posted = reader.posted("a", "A *reply*.", parent=root)

    status, html = own(reader, posted)

    assert status == 200
    assert "<p>A <em>reply</em>.</p>" in html
    assert f'data-parent="{root}"' in html
    assert 'in reply to <bdi translate="no">Bo</bdi>' in html
    assert "data-held" not in html


def test_one_that_waits_says_so(make_service: MakeService) -> None:
    reader = make_service(MODERATION="all").reader()

    status, html = own(reader, reader.posted("a"))

    assert status == 200
    assert "data-held" in html
    assert "Your comment is awaiting moderation." in html


def test_nobody_sees_it_without_its_key_or_after_its_time(service: InProcess, reader: Reader) -> None:
    posted, other = reader.posted("a"), reader.posted("a")

    assert own(reader, posted, other["edit_key"])[0] == 403
    assert reader.get("/thread/own", comment=posted["comment"]["id"]).status_code == 403
    reader.delete(other["comment"]["id"], other["edit_key"])
    assert own(reader, other)[0] == 404
    service.clock.move(seconds=901)
    assert own(reader, posted)[0] == 403
