"""The attacks are shown in a real browser too."""

from tests.browser.conftest import browser, context, page

__all__ = ["browser", "context", "page"]
