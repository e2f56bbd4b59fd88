"""Whoever comments in the widget is told of replies: asked by mail, told by mail, and left alone after one press."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_accessibility import LOOKS, found_by_axe, wear
from tests.browser.widget import Widget, embedded
from tests.people import Reader
from tests.running_service import serving
from tests.smtp_server import Received, SmtpServer


def of(smtp: SmtpServer, receiver: str) -> list[Received]:
    return [mail for mail in smtp.messages if mail.rcpt_tos == [receiver]]


def read(page: Page, mail: Received) -> None:
    """Show a mail, which loads nothing."""
    page.goto("about:blank")
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.set_content(mail.html)
    assert loaded == []


def test_from_the_box_below_the_form_to_the_press_that_stops_it(
    context: BrowserContext, tmp_path: Path, smtp: SmtpServer
) -> None:
    with embedded(tmp_path, **smtp.settings) as at:
        widget = Widget(context, at).open("mail")
        boxes = [widget.page.get_by_label(f"Email me about {what}") for what in ("replies to my", "all new")]
        for box in boxes:
            expect(box).not_to_be_checked()
        boxes[0].check()
        widget.write("Who *answers*?")
        widget.send()
        comment = widget.comment("Ada Sample")
        expect(comment).to_be_visible()
        expect(boxes[0]).not_to_be_checked()
        assert widget.complaints == []
        asked = at.reader().thread("mail")["comments"][0]["id"]
        (question,) = smtp.wait_for(1)

        mail = context.new_page()
        read(mail, question)
        mail.get_by_role("link", name="Yes, send me these emails").click()
        mail.get_by_role("button", name="Yes, send me these emails").click()
        expect(mail.get_by_role("status")).to_contain_text("You get these emails from now on")

        cy = Reader(at.reader().http, "Cy Sample", "cy@paper.example")
        other = cy.posted("mail", "I read all.", notify="all")
        smtp.wait_for(2)
        read(mail, smtp.messages[1])
        mail.get_by_role("link", name="Yes, send me these emails").click()
        mail.get_by_role("button", name="Yes, send me these emails").click()
        expect(mail.get_by_role("status")).to_contain_text("You get these emails from now on")

        bo = Reader(at.reader().http, "Bo Sample", "bo@paper.example")
        bo.post("mail", "I **do**.", parent=asked)
        smtp.wait_for(4)
        (reply,) = of(smtp, "ada@paper.example")[1:]
        read(mail, reply)
        expect(mail.get_by_text("I do.")).to_be_visible()
        mail.get_by_role("link", name="Show this comment").click()
        expect(mail.get_by_role("article").filter(has_text="I do.").last).to_be_visible()

        read(mail, reply)
        mail.get_by_role("link", name="Stop emails about this discussion").click()
        mail.get_by_role("button", name="Stop emails about this discussion").click()
        expect(mail.get_by_role("status")).to_contain_text("Done.")

        dee = Reader(at.reader().http, "Dee Sample", "dee@paper.example")
        dee.post("mail", "I do, too.", parent=asked)
        cy.post("mail", "Nobody else?", author_key=other["author_key"], parent=asked)
        fay = dee.posted("elsewhere", "What comes after it.", notify="all")
        smtp.wait_for(5)  # to Dee, after all that there was to tell of the other thread
        assert fay["comment"]["id"]
        assert len(of(smtp, "ada@paper.example")) == 2


@pytest.mark.soak
def test_axe_finds_nothing_where_the_links_of_mails_lead(
    context: BrowserContext, tmp_path: Path, smtp: SmtpServer
) -> None:
    with serving(tmp_path / "data", **smtp.settings) as live:
        ada, bo = live.reader(), Reader(live.reader().http, "Bo Sample", "bo@paper.example")
        asked = ada.comment("mail", "Who answers?", notify="all", title="A" * 60)
        confirm = link(smtp.wait_for(1)[0], "/mail/confirm")
        ada.http.post(confirm)
        bo.post("mail", "I do.", parent=asked)
        stop = link(smtp.wait_for(2)[1], "/mail/stop")
        ada.http.post("/me", data={"email": "ada@paper.example"})
        data = link(smtp.wait_for(3)[2], "/me/data")
        page = context.new_page()
        thread = f"{live.base_url}/thread?article=mail"
        for url in (confirm, stop, f"{live.base_url}/me", data, f"{confirm}x", thread):
            page.goto(url)
            for look, worn in LOOKS.items():
                wear(page, **worn)
                assert (url, look, found_by_axe(page)) == (url, look, [])
        page.goto(data)
        page.get_by_role("button", name="Erase all").click()
        for look, worn in LOOKS.items():
            wear(page, **worn)
            assert (look, found_by_axe(page)) == (look, [])
        page.get_by_label("Keep the texts").check()
        page.get_by_role("button", name="Erase all").click()
        expect(page.get_by_role("status")).to_contain_text("It is erased")
        assert [one["author"]["name"] for one in ada.thread("mail")["comments"]] == ["Anonymous", "Bo Sample"]


def link(mail: Received, path: str) -> str:
    found = re.search(rf"http://\S+{path}\?\S+", mail.text)
    assert found
    return found[0]
