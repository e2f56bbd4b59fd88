"""Take the pictures, and make the page to leaf through: `python -m docs.look [FOLDER]`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser

from docs.look import states
from docs.look.album import Album, Picture
from docs.look.looks import Look, plain_looks, themed_looks
from docs.look.states import State
from tests.browser.widget import Embedded, Widget, embedded
from tests.chromium import chromium
from tests.running_service import serving


def main() -> None:
    """Everything, into the folder that is named, else into look/."""
    album = Album(Path(sys.argv[1] if len(sys.argv) > 1 else "look"))
    with ExitStack() as used:
        folder = Path(used.enter_context(tempfile.TemporaryDirectory()))
        at = used.enter_context(embedded(folder / "site"))
        newspaper = used.enter_context(serving(folder / "demo" / "data", command="demo", MODERATION="first"))
        browser = used.enter_context(chromium())
        demo = Embedded(newspaper, at.site)
        plain, themed = plain_looks(), themed_looks()
        for chapter, shown, of, looks in (
            ("The widget", states.WIDGET, at, plain + themed),
            ("The widget in other languages", states.WIDGET_IN_LANGUAGES, at, plain),
            ("The page that needs no script", states.PAGE, at, plain),
            ("The demo, the desk and the interface", states.DEMO, demo, plain),
        ):
            take(browser, album, chapter, shown, of, looks)
    print(album.write())


def take(
    browser: Browser, album: Album, chapter: str, shown: Iterable[State], at: Embedded, looks: list[Look]
) -> None:
    """Lead a page into each state once, and take a picture of it in each look."""
    for state in shown:
        context = browser.new_context(locale="en-GB", timezone_id="UTC")
        context.set_default_timeout(10_000)
        widget = Widget(context, at)
        state(widget, at)
        for look in looks:
            look.dress(widget.page)
            picture = Picture(chapter, states.title(state), look.name, look.width)
            widget.page.screenshot(path=album.place_of(picture), full_page=True)
        context.close()


if __name__ == "__main__":
    main()
