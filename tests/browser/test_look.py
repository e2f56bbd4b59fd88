"""`make look`: the pictures, and the page to leaf through."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from docs.look import states
from docs.look.__main__ import Camera
from docs.look.album import Album
from docs.look.looks import plain_looks, themed_looks
from tests.browser.states import own
from tests.browser.widget import Embedded


@pytest.mark.soak
def test_the_album_shows_every_picture_under_its_state(
    browser: Browser, page: Page, at: Embedded, tmp_path: Path
) -> None:
    looks = [*plain_looks()[-1:], *themed_looks()[-2:]]
    album = Album(tmp_path / "look")
    camera = Camera(browser, album)
    camera.show_widget("The widget & more", [own, states.show_more], at, looks)
    camera.show_pages("The page", [states.page_closed], at.live, looks[:1])
    index = album.write()

    page.goto(index.as_uri())

    expect(page.locator("img")).to_have_count(7)
    for picture in page.locator("img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).not_to_have_js_property("naturalWidth", 0)
    assert len({path.read_bytes() for path in index.parent.glob("*.png")}) == 7
    page.get_by_role("navigation").get_by_role("link", name="show more").click()
    expect(page.get_by_role("region", name="The widget & more: show more")).to_be_in_viewport()
