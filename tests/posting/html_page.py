"""The thread's page as a browser without JavaScript sees it: a form, its fields, and what is said."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

from tests.people import Reader

NO_END = {"meta", "link", "input", "br", "hr"}


@dataclass
class Element:
    name: str
    attributes: dict[str, str]
    text: str = ""
    form: Element | None = None


@dataclass
class Page(HTMLParser):
    """What stands on a page; `answer` is how it came."""

    reader: Reader
    answer: httpx.Response
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []
        self.feed(self.answer.text)

    @classmethod
    def of(cls, reader: Reader, article: str = "a-1", **query: str) -> Page:
        """Open the page of an article."""
        answer = reader.get("/thread", article=article, **query)
        assert answer.status_code == 200, answer.text
        return cls(reader, answer)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        form = next((one for one in reversed(self._open) if one.name == "form"), None)
        element = Element(tag, {name: value or "" for name, value in attrs}, form=form)
        self.elements.append(element)
        if tag not in NO_END:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().name != tag:
            pass

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def find(self, **attributes: str) -> Element:
        """The one element that has these attributes."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        found = [e for e in self.elements if wanted.items() <= e.attributes.items()]
        assert len(found) == 1, f"{len(found)} of {wanted}"
        return found[0]

    def texts(self, css_class: str) -> list[str]:
        """The texts of the elements of that class that are not hidden."""
        return [
            " ".join(e.text.split())
            for e in self.elements
            if css_class in e.attributes.get("class", "").split() and "hidden" not in e.attributes
        ]

    def typed(self, form: Element | None = None) -> dict[str, str]:
        """What stands in the fields of a form: the one to write in, unless another is meant."""
        form = form or self._to_write_in()
        return {
            e.attributes["name"]: e.text.removeprefix("\n")
            if e.name == "textarea"
            else e.attributes.get("value", "")
            for e in self.elements
            if e.name in {"input", "textarea"} and "name" in e.attributes and e.form is form
        }

    def _to_write_in(self) -> Element:
        return self.find(id="respond")

    def error_of(self, name: str) -> str:
        """The error that the field of that name is described by, as assistive technology finds it."""
        control = self.find(name=name)
        described = [self.find(id=id) for id in control.attributes["aria-describedby"].split()]
        errors = [e.text.strip() for e in described if "error" in e.attributes.get("class", "")]
        assert bool("".join(errors)) == (control.attributes.get("aria-invalid") == "true")
        assert all(
            ("hidden" in e.attributes) == (not e.text.strip())
            for e in described
            if "error" in e.attributes.get("class", "")
        )
        return "".join(errors)

    def send(self, headers: dict[str, str] | None = None, form: Element | None = None, **typed: str) -> Page:
        """Fill in a form and send it: the one to write in, unless another is meant."""
        form = form or self._to_write_in()
        data = self.typed(form) | typed
        answer = self.reader.http.post(form.attributes["action"], data=data, headers=headers)
        return Page(self.reader, answer)

    def press(self, button: str, **typed: str) -> Page:
        """Fill in the form that has the button which is labelled so, and press it."""
        [pressed] = [e for e in self.elements if e.name == "button" and e.text.strip() == button]
        name = pressed.attributes.get("name")
        return self.send(form=pressed.form, **typed, **({name: pressed.attributes["value"]} if name else {}))

    def follow(self, link: str) -> Page:
        """Go where the link with that text leads."""
        [found] = [e for e in self.elements if e.name == "a" and " ".join(e.text.split()) == link]
        return Page(self.reader, self.reader.get(found.attributes["href"]))

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        assert self.answer.status_code == 303, self.answer.text
        return str(self.answer.headers["Location"])

    def followed(self) -> Page:
        """Go where a redirect leads."""
        return Page(self.reader, self.reader.get(self.location))


def without_receipt(address: str) -> str:
    """An address as anybody may have it, without what shows the author the private link."""
    return re.sub(r"&(amp;)?own=[\w.-]+", "", address)
