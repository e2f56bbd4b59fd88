"""Somebody before a tab: what they look for, click on and write, in words that mean the same in each engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.chromium import PATIENCE_MS
from tests.engines.tab import Tab

KINDS = {
    "button": "button",
    "comment": "article",
    "field": "input, textarea",
    "form": "form",
    "heading": "h1, h2, h3",
    "link": "a[href]",
    "region": "[role=region]",
    "status": "[role=status]",
}
# Those of a selector that are shown and have these words in their name, on the page and in its open shadow roots.
FIND = r"""
const [selector, words] = arguments;
const all = (root) => [...root.querySelectorAll("*")].flatMap(
  (element) => [element, ...(element.shadowRoot ? all(element.shadowRoot) : [])]);
const name = (element) => {
  const by = element.getAttribute("aria-labelledby");
  const named = by ? [element.getRootNode().getElementById(by)] : [...element.labels ?? [], element];
  return (element.ariaLabel || named.map((each) => each.innerText).join(" ")).replace(/\s+/g, " ");
};
const found = all(document).filter((element) => element.matches(selector)
  && element.checkVisibility({ visibilityProperty: true }) && name(element).includes(words));
"""
# The middle of the first of them, if a click there reaches it.
WHERE = """
if (!found.length) return null;
found[0].scrollIntoView({ block: "center", behavior: "instant" });
const { x, y, width, height } = found[0].getBoundingClientRect();
const middle = [x + width / 2, y + height / 2];
return found[0].contains(found[0].getRootNode().elementFromPoint(...middle)) ? middle : null;
"""
FOCUSED = """
let focused = document.activeElement;
while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
"""


@dataclass
class Visitor:
    """Who looks for something waits for it, as a busy machine may take long."""

    tab: Tab

    def open(self, url: str) -> None:
        self.tab.open(url)

    def sees(self, kind: str, words: str = "", *, times: int | None = None) -> None:
        """Wait until there is such a thing, or as many of them as *times* says."""
        script = f"{FIND} return found.length;"
        if times is None:
            self.wait_until(lambda: self.tab.run(script, KINDS[kind], words) > 0, f"no {kind} “{words}”")
        else:
            self.wait_until(
                lambda: self.tab.run(script, KINDS[kind], words) == times, f"not {times} {kind} “{words}”"
            )

    def reads(self, words: str) -> None:
        """Wait until these words are on the screen."""
        script = f"{FIND} return found.some((element) => element.innerText.includes(arguments[2]));"
        self.wait_until(
            lambda: self.tab.run(script, "body, section", "", words), f"not on the screen: {words}"
        )

    def click(self, kind: str, words: str) -> None:
        """Click on the first of them, once it stands still and nothing covers it."""
        places: list[object] = [None]

        def stands_still() -> bool:
            places.append(self.tab.run(FIND + WHERE, KINDS[kind], words))
            return places[-1] is not None and places[-1] == places[-2]

        self.wait_until(stands_still, f"no {kind} “{words}” to click on")
        self.tab.click(*places[-1])

    def fill(self, label: str, text: str) -> None:
        """Write that into a field, in place of what is there."""
        self.click("field", label)
        self.tab.run(f"{FIND} found[0].select();", KINDS["field"], label)
        self.tab.type(text)
        self.has_written(label, text)

    def write(self, text: str, name: str = "Ada Sample", email: str = "ada@paper.example") -> None:
        """Write a comment."""
        self.fill("Comment", text)
        self.fill("Name", name)
        self.fill("Email", email)

    def has_written(self, label: str, text: str) -> None:
        """Wait until that field has this text."""
        script = f"{FIND} return found[0]?.value === arguments[2];"
        self.wait_until(lambda: self.tab.run(script, KINDS["field"], label, text), f"{label} is not “{text}”")

    def is_at(self, kind: str, words: str) -> None:
        """Wait until such a thing has the focus."""
        script = f"{FIND} {FOCUSED} return found.includes(focused);"
        self.wait_until(
            lambda: self.tab.run(script, KINDS[kind], words), f"the focus is not on the {kind} “{words}”"
        )

    def style(self, selector: str, name: str) -> str:
        """The style of the first of what a selector finds, as the browser reckons it."""
        script = f"{FIND} return getComputedStyle(found[0])[arguments[2]];"
        style: str = self.tab.run(script, selector, "", name)
        return style

    def box(self, selector: str) -> dict[str, float]:
        """Where on the screen the first of what a selector finds stands."""
        box: dict[str, float] = self.tab.run(
            f"{FIND} return found[0].getBoundingClientRect().toJSON();", selector, ""
        )
        return box

    def wait_until(self, is_so: Callable[[], object], else_say: str) -> None:
        until = time.monotonic() + PATIENCE_MS / 1000
        while not is_so():
            assert time.monotonic() < until, else_say
            time.sleep(0.02)
