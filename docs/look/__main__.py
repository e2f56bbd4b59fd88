"""Take the pictures, and make the page to leaf through: `python -m docs.look [FOLDER]`."""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from docs.look import states
from docs.look.album import Album, Picture
from docs.look.looks import Look, plain_looks, themed_looks
from tests.browser.states import PageState, WidgetState
from tests.browser.widget import Embedded, Widget, embedded
from tests.chromium import chromium
from tests.running_service import Live, serving


def main() -> None:
    """Everything, into the folder that is named, else into look/."""
    logging.disable()  # of what is started in this process
    album = Album(Path(sys.argv[1] if len(sys.argv) > 1 else "look"))
    plain, themed = plain_looks(), themed_looks()
    with ExitStack() as used:
        folder = Path(used.enter_context(tempfile.TemporaryDirectory()))
        at = used.enter_context(embedded(folder / "site"))
        demo = used.enter_context(serving(folder / "demo" / "data", command="demo", MODERATION="first"))
        camera = Camera(used.enter_context(chromium()), album)
        camera.show_widget("The widget", states.WIDGET, at, plain + themed)
        camera.show_widget("The widget in other languages", states.WIDGET_IN_LANGUAGES, at, plain)
        camera.show_pages("The page that needs no script", states.PAGE, at.live, plain)
        camera.show_pages("The demo, the desk and the interface", states.DEMO, demo, plain)
    print(album.write())


@dataclass(frozen=True)
class Camera:
    """Leads a page into each state once, and takes a picture of it in each look."""

    browser: Browser
    album: Album

    def show_widget(
        self, chapter: str, shown: Iterable[WidgetState], at: Embedded, looks: list[Look]
    ) -> None:
        for state in shown:
            with self._new_reader() as context:
                widget = Widget(context, at)
                state(widget, at)
                self._take(chapter, states.title(state), widget.page, looks)

    def show_pages(self, chapter: str, shown: Iterable[PageState], live: Live, looks: list[Look]) -> None:
        for state in shown:
            with self._new_reader() as context:
                page = context.new_page()
                state(page, live)
                self._take(chapter, states.title(state), page, looks)

    @contextmanager
    def _new_reader(self) -> Iterator[BrowserContext]:
        context = self.browser.new_context(locale="en-GB", timezone_id="UTC")
        context.set_default_timeout(10_000)
        yield context
        context.close()

    def _take(self, chapter: str, state: str, page: Page, looks: list[Look]) -> None:
        for look in looks:
            look.dress(page)
            picture = Picture(chapter, state, look.name, look.width)
            page.screenshot(path=self.album.place_of(picture), full_page=True)


if __name__ == "__main__":
    main()
