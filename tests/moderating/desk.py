"""A moderator at the desk: a browser without scripts, that keeps cookies and sends forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

import httpx

EMAIL = "editor@paper.example"
PASSWORD = "correct horse battery"


@dataclass
class Desk:
    """Somebody with an account; `http` keeps the session's cookie."""

    http: httpx.Client
    email: str = EMAIL
    password: str = PASSWORD

    def sign_in(self, **typed: str) -> httpx.Response:
        """Open the page to sign in, and send its form."""
        page = self.http.get("/moderation/sign-in")
        fields = {"email": self.email, "password": self.password, "csrf_token": csrf_token(page)}
        return self.http.post("/moderation/sign-in", data=fields | typed)

    def queue(self, **query: str) -> httpx.Response:
        return self.http.get("/moderation", params=query or None)

    def search(self, **typed: str) -> httpx.Response:
        """Fill in the form to search, and go where it leads."""
        sent = self.http.post("/moderation/search", data=typed | {"csrf_token": csrf_token(self.queue())})
        return self.http.get(sent.headers["Location"])

    def account(self) -> httpx.Response:
        return self.http.get("/moderation/account")

    def change_password(self, current: str, new: str, again: str | None = None) -> httpx.Response:
        fields = {"current": current, "new": new, "again": new if again is None else again}
        token = {"csrf_token": csrf_token(self.account())}
        return self.http.post("/moderation/account/password", data=fields | token)

    def press(self, page: httpx.Response, action: str, comment: str, **chosen: str) -> httpx.Response:
        """Press the button of *action* under a comment that *page* shows; what is *chosen* is sent with it."""
        form = next(form for form in forms(page) if f'value="{comment}"' in form)
        assert f'name="action" value="{action}"' in form, f"there is no such button: {form}"
        return self._send(form, action, **chosen)

    def press_undo(self, page: httpx.Response) -> httpx.Response:
        """Press “Undo” beside what *page* says was decided."""
        return self._send(next(form for form in forms(page) if ">Undo<" in form), "")

    def press_for_author(
        self, page: httpx.Response, action: str, comment: str, *, by_hand: bool = False
    ) -> httpx.Response:
        """Press the button of *action* for all of the author of a comment that *page* shows.

        :param by_hand: send what the button would, though there is none.
        """
        beside = page.text[page.text.index(f'id="comment-{comment}"') :]
        form = next(
            form for form in re.findall(r"<form.*?</form>", beside, re.DOTALL) if 'name="author"' in form
        )
        assert by_hand or f'name="action" value="{action}"' in form, f"there is no such button: {form}"
        return self._send(form, action)

    def block(
        self, page: httpx.Response, comment: str, pressed: str, outcome: str = "hold", word: str = ""
    ) -> httpx.Response:
        """Press a button under “Block” beside a comment that *page* shows; *pressed* is what it sends."""
        beside = page.text[page.text.index(f'id="comment-{comment}"') :]
        form = next(
            form for form in re.findall(r"<form.*?</form>", beside, re.DOTALL) if 'name="block"' in form
        )
        assert f'name="block" value="{pressed}"' in form, f"there is no such button: {form}"
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
        fields = {name: unescape(value) for name, value in hidden}
        sent = fields | {"block": pressed, "outcome": outcome, "word": word}
        return self.http.post(address_of(form), data=sent)

    def note(self, page: httpx.Response, comment: str, text: str) -> httpx.Response:
        """Send the form for a note beside a comment that *page* shows."""
        form = next(form for form in forms(page) if f'id="note-{comment}"' in form)
        return self.http.post(address_of(form), data={"text": text, "csrf_token": csrf_token(page)})

    def _send(self, form: str, action: str, **chosen: str) -> httpx.Response:
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
        fields = {name: unescape(value) for name, value in hidden} | {"action": action} | chosen
        return self.http.post(address_of(form), data=fields)

    def sign_out(self) -> httpx.Response:
        page = self.queue()
        return self.http.post("/moderation/sign-out", data={"csrf_token": csrf_token(page)})


def forms(page: httpx.Response) -> list[str]:
    """The markup of each form of a page."""
    return re.findall(r"<form.*?</form>", page.text, re.DOTALL)


def address_of(form: str) -> str:
    found = re.search(r'action="([^"]*)"', form)
    assert found is not None, form
    return unescape(found[1])


def csrf_token(page: httpx.Response) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return unescape(found[1])


def shown(page: httpx.Response) -> list[str]:
    """The ids of the comments that a page of the desk shows, in its order."""
    return re.findall(r'class="queued" id="comment-([^"]+)"', page.text)
