"""How a page can be looked at: how wide, light or dark, in which theme, on a screen or on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Page

from docs.look.samples import samples

WIDTHS = (320, 1280)
PAPER = 718  # CSS pixels between the margins of A4
HEIGHT = 800
# A page that is light or dark as its reader likes it, and says no more.
PLAIN = """:root { color-scheme: light dark; }
body { max-inline-size: 44rem; margin: auto; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; }"""
WEAR = """([styles, theme]) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  const thread = document.querySelector("comment-thread");
  if (!thread) return;
  document.adoptedStyleSheets = [sheet];
  thread.theme = theme;
}"""
WHOLE = "document.documentElement.scrollHeight"
DRAWN = "new Promise((resume) => requestAnimationFrame(() => requestAnimationFrame(resume)))"


@dataclass(frozen=True)
class Look:
    """One of them; `styles` and `theme` are for a page with the widget."""

    name: str
    width: int
    scheme: Literal["light", "dark"] = "light"
    theme: Literal["auto", "light", "dark"] = "auto"
    styles: str = PLAIN
    forced: bool = False
    printed: bool = False

    def dress(self, page: Page) -> None:
        """Make the page look so; what it shows stays."""
        page.set_viewport_size({"width": self.width, "height": HEIGHT})
        page.emulate_media(
            color_scheme=self.scheme,
            forced_colors="active" if self.forced else "none",
            media="print" if self.printed else "screen",
            reduced_motion="reduce",
        )
        page.evaluate(WEAR, [self.styles, self.theme])
        # Comments far below are not drawn before one comes near them.
        page.set_viewport_size({"width": self.width, "height": max(HEIGHT, page.evaluate(WHOLE))})
        page.evaluate(DRAWN)


def plain_looks() -> list[Look]:
    """Those that every page has."""
    return [
        *(Look(scheme, width, scheme) for scheme in ("light", "dark") for width in WIDTHS),
        *(Look("forced colours", width, forced=True) for width in WIDTHS),
        Look("on paper, from a dark screen", PAPER, "dark", printed=True),
    ]


def themed_looks() -> list[Look]:
    """Those that only the widget has: a theme set by its attribute, and the samples."""
    return [
        *(Look("theme light on a dark page", width, "dark", "light") for width in WIDTHS),
        *(Look("theme dark on a light page", width, "light", "dark") for width in WIDTHS),
        *(
            Look(f"{sample.name}, {scheme}", width, scheme, styles=sample.dress)
            for sample in samples()
            for scheme in ("light", "dark")
            for width in WIDTHS
        ),
    ]
