"""The desk by keys: each decision is shown at once, sent behind, and carried out once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Route, expect

from tests.browser.at_the_desk import (
    PASSWORD,
    AtTheDesk,
    by_people,
    eventually,
    open_menu,
    waiting_comments,
)
from tests.people import Moderator, Reader
from tests.running_service import Live, serving

EMAIL = "bo@paper.example"
OTHER = "cy@paper.example"
DECIDE = "**/api/v1/moderation/decisions"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("desk") / "data") as running:
        for email in (EMAIL, OTHER):
            running.run("user", "add", email, input=PASSWORD + "\n")
        yield running


@pytest.fixture(scope="module")
def moderator(live: Live) -> Moderator:
    """Another one, by the API."""
    return live.moderator()


@pytest.fixture
def reader(live: Live) -> Reader:
    return live.reader()


@pytest.fixture(scope="module")
def session(browser: Browser, live: Live) -> Any:
    """The cookies of somebody who has signed in."""
    with closing(browser.new_context()) as context:
        AtTheDesk(context, live, EMAIL).sign_in()
        return context.cookies()


@pytest.fixture
def desk(context: BrowserContext, live: Live, session: Any, moderator: Moderator) -> Iterator[AtTheDesk]:
    """Somebody at a desk on which nothing waits."""
    if left := [one["id"] for one in moderator.queue(state="pending", limit=200)]:
        moderator.decide("trash", *left)
    context.add_cookies(session)
    desk = AtTheDesk(context, live, EMAIL)
    yield desk
    assert desk.complaints == []


@pytest.mark.parametrize("many", [60, 100])
@pytest.mark.soak
def test_all_are_decided_without_a_load_though_the_network_fails_again_and_again(
    desk: AtTheDesk, reader: Reader, moderator: Moderator, many: int
) -> None:
    comments = waiting_comments(reader, moderator, many, f"all {many}")
    desk.open()
    desk.page.evaluate("window.sameLoad = true")
    keystrokes = 0
    while keystrokes < many + 10 and (left := desk.page.locator("article:not([data-decided])").count()):
        if keystrokes in {20, 52, 70}:
            desk.context.set_offline(True)
        if keystrokes in {35, 57, 85}:
            desk.context.set_offline(False)
        if not left:
            break
        before = desk.current
        desk.press("s" if keystrokes % 3 else "a")
        keystrokes += 1
        expect(desk.entry(before)).to_have_attribute("data-decided", re.compile("approve|spam"))
        if keystrokes in {50, 90}:  # the next page comes before it is needed, once there is a network
            eventually(desk.page, lambda: desk.page.locator("article").count() == many)

    expect(desk.sending).to_be_empty()
    eventually(desk.page, lambda: desk.waiting() == [])
    assert keystrokes == many
    assert desk.page.evaluate("window.sameLoad")
    done = by_people(moderator, comments)
    assert done == [(one, "spam" if n % 3 else "approve") for n, one in enumerate(comments)]


@pytest.mark.soak
def test_who_is_quicker_than_the_next_page_goes_on_when_it_comes(
    desk: AtTheDesk, reader: Reader, moderator: Moderator
) -> None:
    waiting_comments(reader, moderator, 51, "quick")
    held: list[Route] = []
    desk.open()
    desk.page.route(re.compile(r"/moderation\?"), lambda route: held.append(route))
    desk.press(*50 * "s")
    eventually(desk.page, lambda: len(held) == 1)
    assert desk.page.locator("article:not([data-decided])").count() == 0

    held[0].continue_()

    expect(desk.page.locator("article:not([data-decided])")).to_have_attribute("aria-current", "true")
    desk.press("a")
    expect(desk.page.locator("article[data-decided=approve]")).to_have_count(1)
    eventually(desk.page, lambda: desk.waiting() == [])


@pytest.mark.soak
def test_what_waits_outlives_a_closed_tab_and_holds_ids_alone(
    desk: AtTheDesk, reader: Reader, moderator: Moderator
) -> None:
    comments = waiting_comments(reader, moderator, 3, "closed")
    desk.open()
    desk.page.route(DECIDE, lambda route: route.abort())
    desk.press("a", "s")
    expect(desk.sending).to_contain_text("2 decisions wait")
    saved = desk.waiting()
    assert len(saved) == 2
    for one in saved:
        assert not re.search("closed|Number|Reader|@", one["value"])
    desk.page.close()

    desk.__post_init__()
    desk.open()

    eventually(desk.page, lambda: desk.waiting() == [])
    assert by_people(moderator, comments) == [(comments[0], "approve"), (comments[1], "spam")]
    assert desk.current == comments[2]


@pytest.mark.soak
@pytest.mark.chromium_only("BiDi tells no body of a request, so it cannot be sent on")
def test_an_answer_that_is_lost_does_not_decide_twice(
    desk: AtTheDesk, reader: Reader, moderator: Moderator
) -> None:
    comments = waiting_comments(reader, moderator, 2, "answer")
    lost = 0

    def lose(route: Route) -> None:
        nonlocal lost
        lost += 1
        route.fetch()
        route.abort()
        desk.page.unroute(DECIDE)

    desk.open()
    desk.page.route(DECIDE, lose)
    desk.press("t", "a")

    eventually(desk.page, lambda: desk.waiting() == [])
    assert lost == 1
    assert by_people(moderator, comments) == [(comments[0], "trash"), (comments[1], "approve")]


@pytest.mark.soak
def test_where_the_session_has_ended_one_is_asked_to_sign_in_and_nothing_is_lost(
    desk: AtTheDesk, reader: Reader, moderator: Moderator
) -> None:
    comments = waiting_comments(reader, moderator, 2, "session")
    desk.open()
    desk.context.clear_cookies()
    desk.press("a", "a")

    expect(desk.sending).to_contain_text("Your session has ended. 2 decisions wait")
    assert by_people(moderator, comments) == []
    desk.sign_in()

    eventually(desk.page, lambda: desk.waiting() == [])
    assert by_people(moderator, comments) == [(one, "approve") for one in comments]


@pytest.mark.soak
def test_who_signs_out_just_after_a_decision_has_it_carried_out(
    desk: AtTheDesk, reader: Reader, moderator: Moderator
) -> None:
    (comment,) = waiting_comments(reader, moderator, 1, "signing out")
    desk.context.clear_cookies()
    desk.email = OTHER
    desk.sign_in()
    held: list[Route] = []
    asked: list[str] = []
    desk.page.route(DECIDE, lambda route: held.append(route))
    desk.page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    desk.open()
    desk.press("s")
    eventually(desk.page, lambda: len(held) == 1)
    open_menu(desk.page)
    desk.page.get_by_role("button", name="Sign out everywhere").click()

    held[0].continue_()

    expect(desk.page.get_by_role("button", name="Sign in")).to_be_visible()
    assert asked == []
    assert by_people(moderator, [comment]) == [(comment, "spam")]


@pytest.mark.soak
def test_who_signs_in_again_beside_the_list_keeps_what_is_typed_the_focus_and_the_place(
    desk: AtTheDesk, reader: Reader, moderator: Moderator, session: Any
) -> None:
    (comment,) = waiting_comments(reader, moderator, 1, "again")
    desk.open()
    desk.entry(comment).get_by_text("More", exact=True).click()
    desk.entry(comment).get_by_label("Note").fill("To be asked.")
    desk.context.clear_cookies()
    link = desk.page.get_by_role("link", name="Sign in")
    link.focus()
    desk.page.evaluate("""() => {
        window.said = 0;
        new MutationObserver(() => said++).observe(document.querySelector('.sending').parentElement,
            { childList: true, subtree: true, characterData: true, attributes: true });
    }""")
    for _ in range(2):
        with desk.page.expect_response("**/moderation/news?*"):
            pass
    expect(link).to_be_focused()
    assert desk.page.evaluate("said") == 0
    with desk.context.expect_page() as opened:
        desk.press("Enter")
    expect(opened.value.get_by_label("Password")).to_be_visible()
    opened.value.close()

    desk.context.add_cookies(session)

    expect(desk.sending).to_be_empty()
    expect(desk.entry(comment)).to_be_focused()
    desk.entry(comment).get_by_role("button", name="Save").click()
    expect(desk.entry(comment).locator(".noted")).to_contain_text("To be asked.")


@pytest.mark.soak
def test_the_next_page_comes_after_a_session_that_ended_before_it(
    desk: AtTheDesk, reader: Reader, moderator: Moderator, session: Any
) -> None:
    comments = waiting_comments(reader, moderator, 51, "end")
    desk.open(article="end", state="pending")
    desk.context.clear_cookies()
    with desk.page.expect_response("**/moderation/sign-in"):
        desk.press(*30 * "s")  # so many that the next page is fetched
    expect(desk.sending).to_contain_text("Your session has ended. 30 decisions wait")

    desk.context.add_cookies(session)

    expect(desk.entry(comments[-1])).to_be_visible()
    eventually(desk.page, lambda: desk.waiting() == [])


@pytest.mark.soak
def test_nobody_sends_what_another_decided(desk: AtTheDesk, reader: Reader, moderator: Moderator) -> None:
    comments = waiting_comments(reader, moderator, 1, "other")
    desk.open()
    desk.context.clear_cookies()
    desk.press("a")
    expect(desk.sending).to_contain_text("Your session has ended")
    desk.email = OTHER
    desk.sign_in()
    expect(desk.entry(comments[0])).not_to_have_attribute("data-decided", "approve")

    open_menu(desk.page)
    desk.page.get_by_role("button", name="Sign out everywhere").click()

    expect(desk.page.get_by_role("button", name="Sign in")).to_be_visible()
    assert desk.waiting() == []  # the browser forgets all
    assert by_people(moderator, comments) == []


@pytest.mark.soak
def test_who_signs_in_beside_an_open_page_sends_nothing_of_it(
    desk: AtTheDesk, reader: Reader, moderator: Moderator
) -> None:
    comments = waiting_comments(reader, moderator, 1, "beside")
    desk.open()
    desk.page.route(DECIDE, lambda route: route.abort())
    desk.press("a")
    expect(desk.sending).to_contain_text("1 decision waits")
    beside = AtTheDesk(desk.context, desk.live, OTHER)
    beside.sign_in()
    desk.page.unroute(DECIDE)

    expect(desk.page.get_by_role("banner")).to_contain_text(OTHER)  # the page is loaded again, as theirs

    assert by_people(moderator, comments) == []
    assert len(beside.waiting()) == 1
    desk.page.evaluate("localStorage.clear()")


@pytest.mark.soak
def test_what_is_refused_comes_back_with_its_reason(
    desk: AtTheDesk, reader: Reader, moderator: Moderator
) -> None:
    posted = reader.posted("refused", "To be edited.", name="Ed")
    edited = posted["comment"]["id"]
    moderator.decide("hold", edited)
    decided, erased, last = waiting_comments(reader, moderator, 3, "refused")
    desk.open()
    desk.page.route("**/moderation/news?*", lambda route: route.abort())
    reader.edit(edited, posted["edit_key"], "Another text.")
    moderator.decide("spam", decided)
    moderator.decide("purge", erased)

    desk.press("a", "a", "a")

    refused = desk.page.locator(".refused-list li")
    expect(refused).to_have_count(3)
    expect(desk.entry(edited)).to_contain_text("Its author has edited this comment. Please read it again.")
    expect(desk.entry(edited)).to_contain_text("Another text.")
    expect(desk.entry(edited)).not_to_have_attribute("data-decided", "approve")
    expect(desk.entry(decided)).to_contain_text("Already spam by")
    expect(desk.entry(erased)).to_contain_text("This comment no longer exists.")
    assert by_people(moderator, [edited, decided, erased, last]) == [(decided, "spam"), (erased, "purge")]
    # Each is told once it was read again, in whichever order that is answered.
    refused.filter(has_text="has edited").get_by_role("button", name="Show").click()
    assert desk.current == edited
    expect(refused).to_have_count(2)
    desk.press("a")  # now that it was read
    eventually(desk.page, lambda: (edited, "approve") in by_people(moderator, [edited]))


def test_u_undoes_the_last_decision_wherever_it_is(
    desk: AtTheDesk, reader: Reader, moderator: Moderator
) -> None:
    comments = waiting_comments(reader, moderator, 2, "undo")
    desk.open()
    desk.press("s")
    expect(desk.entry(comments[0])).to_have_attribute("data-state", "spam")
    desk.press("u")

    expect(desk.entry(comments[0])).to_be_focused()
    eventually(desk.page, lambda: desk.waiting() == [])
    assert by_people(moderator, comments) == [(comments[0], "spam"), (comments[0], "undo")]
    desk.page.route(DECIDE, lambda route: route.abort())
    desk.press("t", "u", "a")  # of which nothing was sent so far
    desk.page.unroute(DECIDE)
    eventually(desk.page, lambda: desk.waiting() == [])
    assert by_people(moderator, comments)[2:] == [
        (comments[0], "trash"),
        (comments[0], "undo"),
        (comments[0], "approve"),
    ]
    desk.entry(comments[0]).get_by_role("button", name="Undo").click()
    eventually(desk.page, lambda: by_people(moderator, comments)[-1] == (comments[0], "undo"))
    assert {one["state"] for one in moderator.queue(article="undo")} == {"pending"}


@pytest.mark.soak
def test_x_selects_and_one_key_decides_about_all_that_are_selected(
    desk: AtTheDesk, reader: Reader, moderator: Moderator
) -> None:
    comments = waiting_comments(reader, moderator, 5, "select")
    desk.open()
    desk.press("j", "j", "x", "j", "j", "Shift+X")

    expect(desk.page.locator("#chosen .many")).to_have_text("3 selected")
    desk.press("t")

    expect(desk.page.locator("#chosen")).to_be_hidden()
    eventually(desk.page, lambda: desk.waiting() == [])
    assert by_people(moderator, comments) == [(one, "trash") for one in comments[1:4]]
    assert desk.current == comments[4]
    desk.press("u")
    eventually(desk.page, lambda: len(by_people(moderator, comments)) == 6)
    assert {one["state"] for one in moderator.queue(article="select")} == {"pending"}


@pytest.mark.soak
@pytest.mark.parametrize("what", ["decided", "edited"])
def test_what_others_take_out_of_a_selection_leaves_its_buttons_nothing_to_decide(
    desk: AtTheDesk, reader: Reader, moderator: Moderator, what: str
) -> None:
    posted = reader.posted(f"taken {what}", "To be taken.", name="Ed")
    taken = posted["comment"]["id"]
    moderator.decide("hold", taken)
    (current,) = waiting_comments(reader, moderator, 1, f"taken {what}")
    desk.open()
    bar = desk.page.get_by_role("form", name="Selected comments")
    desk.press("x", "j", "j")
    expect(bar).to_contain_text("1 selected")
    spam = desk.page.locator("#chosen .spam")
    spam.focus()

    if what == "decided":
        moderator.decide("trash", taken)
    else:
        reader.edit(taken, posted["edit_key"], "Another text.")

    expect(bar).to_be_hidden()
    expect(desk.page.get_by_role("checkbox", checked=True)).to_have_count(0)
    expect(desk.page.locator("article[aria-current]")).to_be_focused()
    spam.dispatch_event("click")  # of a finger that was quicker
    expect(desk.entry(current)).not_to_have_attribute("data-decided", re.compile(""))
    assert by_people(moderator, [current]) == []


@pytest.mark.soak
def test_who_decides_again_before_the_first_answer_is_in_no_conflict_with_themselves(
    desk: AtTheDesk, reader: Reader, moderator: Moderator
) -> None:
    first, _ = waiting_comments(reader, moderator, 2, "sooner")
    held: list[Route] = []
    desk.page.route(DECIDE, lambda route: route.continue_() if held else held.append(route))
    desk.open()
    desk.press("s", "k", "x", "a")
    eventually(desk.page, lambda: len(held) == 1)

    held[0].continue_()

    eventually(desk.page, lambda: desk.waiting() == [])
    assert by_people(moderator, [first]) == [(first, "spam"), (first, "approve")]
    expect(desk.page.locator(".refused-list")).to_be_empty()
    desk.press("u")
    eventually(desk.page, lambda: desk.waiting() == [])
    assert [one["state"] for one in moderator.queue(state="spam", article="sooner")] == ["spam"]


@pytest.mark.soak
def test_no_key_is_a_shortcut_where_somebody_types_or_with_a_modifier(
    desk: AtTheDesk, reader: Reader, moderator: Moderator
) -> None:
    (comment,) = waiting_comments(reader, moderator, 1, "typing")
    desk.open()
    desk.press("/")
    expect(desk.page.get_by_label("Words", exact=True)).to_be_focused()
    desk.press("a", "s", "t", "?")
    expect(desk.page.get_by_label("Words", exact=True)).to_have_value("ast?")
    desk.entry(comment).focus()
    desk.press("Control+a", "Alt+s", "Meta+t")
    expect(desk.entry(comment)).not_to_have_attribute("data-decided", re.compile(""))

    desk.press("?")
    dialog = desk.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    desk.press("a")  # of the dialog
    dialog.get_by_label("Use single keys as shortcuts").uncheck()
    dialog.get_by_role("button", name="Close").click()
    desk.press("a", "?")
    expect(dialog).to_be_hidden()
    desk.open()  # which is remembered
    desk.press("a")
    expect(desk.entry(comment)).not_to_have_attribute("data-decided", re.compile(""))
    desk.page.get_by_role("button", name="Keyboard shortcuts").click()
    dialog.get_by_label("Use single keys as shortcuts").check()
    desk.press("Escape", "a")
    eventually(desk.page, lambda: by_people(moderator, [comment]) == [(comment, "approve")])


@pytest.mark.soak
def test_e_and_r_lead_to_the_thread_in_a_tab_of_its_own(
    desk: AtTheDesk, reader: Reader, moderator: Moderator
) -> None:
    comment = reader.comment("thread of its own", "To be answered.")
    desk.open(article="thread of its own")
    for key, address in {"e": "/thread?", "r": "/moderation/thread?"}.items():
        with desk.context.expect_page() as opened:
            desk.press(key)
        expect(opened.value.locator(f"#comment-{comment}")).to_contain_text("To be answered.")
        assert f"{desk.live.base_url}{address}" in opened.value.url
        opened.value.close()


@pytest.mark.soak
def test_two_at_one_queue_see_each_other_decide(
    desk: AtTheDesk, reader: Reader, moderator: Moderator
) -> None:
    first, second = waiting_comments(reader, moderator, 2, "two")
    desk.open()
    moderator.decide("approve", first)

    expect(desk.entry(first)).to_contain_text("Already approved by")
    expect(desk.page.locator(".count[data-state=pending]")).to_have_text("1")
    assert desk.current == first
    desk.press("s")
    expect(desk.announced).to_contain_text("This comment is decided.")
    assert by_people(moderator, [first]) == [(first, "approve")]
    # By its buttons, and knowing it, it can be decided again.
    desk.entry(first).get_by_role("button", name="Spam the comment of Reader 0").click()
    eventually(desk.page, lambda: by_people(moderator, [first])[-1] == (first, "spam"))
    (third,) = waiting_comments(reader, moderator, 1, "two more")
    desk.press("a")
    eventually(desk.page, lambda: by_people(moderator, [second]) == [(second, "approve")])
    expect(desk.entry(third)).to_be_visible()  # nothing else was left


@pytest.mark.soak
def test_nothing_moves_when_a_decision_is_made(desk: AtTheDesk, reader: Reader, moderator: Moderator) -> None:
    comments = waiting_comments(reader, moderator, 4, "still")
    places = "[...document.querySelectorAll('article')].map((one) => one.offsetTop + ' ' + one.offsetHeight)"
    for width in (1280, 320):
        desk.page.set_viewport_size({"width": width, "height": 640})
        desk.open(state="pending")
        before = desk.page.evaluate(places)
        desk.press("a")
        assert desk.page.evaluate(places) == before
        desk.press("u")
        assert desk.page.evaluate(places) == before
        eventually(desk.page, lambda: desk.waiting() == [])
    assert desk.current == comments[0]


@pytest.mark.soak
def test_g_leads_to_the_reason_and_back_and_the_next_key_decides(
    desk: AtTheDesk, reader: Reader, moderator: Moderator, tmp_path: Path
) -> None:
    texts = tmp_path / "reasons.txt"
    texts.write_text("Rule 1: No insults.\nRule 2: No ads.\n", encoding="utf-8")
    desk.live.run("site", "set", "default", "--reasons", str(texts))
    first, second = waiting_comments(reader, moderator, 2, "reason")
    desk.open()
    desk.press("g")
    choice = desk.entry(first).get_by_label("Reason")
    expect(choice).to_be_focused()
    choice.select_option("Rule 2: No ads.")
    desk.press("Enter")

    expect(desk.entry(first)).to_be_focused()
    desk.press("s", "s")  # the other one without a reason

    eventually(
        desk.page, lambda: by_people(moderator, [first, second]) == [(first, "spam"), (second, "spam")]
    )
    lines = moderator.request("GET", "/decisions", params={"limit": 2}).json()["decisions"]
    assert [line["reason"] for line in lines] == [None, "Rule 2: No ads."]
    # Of those that are selected, each has its own.
    posted = waiting_comments(reader, moderator, 3, "reasons")
    desk.open()
    desk.entry(posted[1]).get_by_label("Reason").select_option("Rule 1: No insults.")
    desk.entry(posted[0]).focus()
    desk.press("x", "j", "j", "Shift+X", "t")
    eventually(desk.page, lambda: desk.waiting() == [])
    lines = moderator.request("GET", "/decisions", params={"limit": 3}).json()["decisions"]
    reasons = {line["comment"]: line["reason"] for line in lines}
    assert [reasons[one] for one in posted] == [None, "Rule 1: No insults.", None]
    desk.press("u")
    assert desk.current == posted[0]
    eventually(desk.page, lambda: len(moderator.queue(article="reasons", state="pending")) == 3)
    none = tmp_path / "none.txt"
    none.write_text("")
    desk.live.run("site", "set", "default", "--reasons", str(none))


@pytest.mark.soak
def test_a_note_is_added_within_the_list_and_what_is_typed_survives_what_others_do(
    desk: AtTheDesk, reader: Reader, moderator: Moderator
) -> None:
    first, second = waiting_comments(reader, moderator, 2, "notes")
    desk.open()
    desk.page.evaluate("window.sameLoad = true")
    desk.entry(second).get_by_text("More", exact=True).click()
    field = desk.entry(second).get_by_label("Note")
    field.fill("Asked her.")
    desk.page.route("**/notes", lambda route: route.abort())
    desk.entry(second).get_by_role("button", name="Save").click()
    expect(desk.entry(second)).to_contain_text("No connection.")
    desk.page.unroute("**/notes")
    desk.entry(second).get_by_role("button", name="Save").click()

    expect(desk.entry(second).locator(".noted")).to_contain_text("Asked her.")
    expect(field).to_have_value("")
    assert len(moderator.request("GET", f"/comments/{second}/notes").json()["notes"]) == 1
    field.press_sequentially("No !")
    desk.press("ArrowLeft")
    moderator.decide("approve", second)
    expect(desk.entry(second)).to_contain_text("Already approved by")
    expect(
        desk.entry(second).get_by_role("link", name="in the thread")
    ).to_be_visible()  # it is there as it is now
    expect(field).to_be_focused()
    field.press_sequentially("answer")
    expect(field).to_have_value("No answer!")
    assert desk.page.evaluate("window.sameLoad")
    assert by_people(moderator, [first]) == []


@pytest.mark.soak
def test_a_block_and_a_decision_about_an_author_keep_the_place_in_the_list(
    desk: AtTheDesk, reader: Reader, moderator: Moderator
) -> None:
    first, last = waiting_comments(reader, moderator, 2, "place")
    desk.open()
    desk.page.evaluate("window.sameLoad = true")
    entry = desk.entry(last)
    entry.get_by_text("More", exact=True).click()
    entry.get_by_role("textbox", name="Word or phrase").fill("zanzibar")
    entry.get_by_role("button", name="Block this word or phrase").click()
    expect(desk.page.locator(".answered")).to_contain_text("Blocked: from now on")
    assert [one["value"] for one in moderator.request("GET", "/blocks").json()["blocks"]] == ["zanzibar"]

    entry.get_by_role("button", name="Spam all comments of Reader 1").click()

    expect(entry).to_contain_text("Already spam by")
    expect(desk.page.locator(".answered")).to_contain_text("All of this author: 1.")
    assert desk.current == last
    desk.page.locator(".answered").get_by_role("button", name="Undo").click()
    expect(desk.page.locator(".answered")).to_contain_text("Undone.")
    expect(entry).not_to_have_attribute("data-decided", re.compile(""))
    assert {one["state"] for one in moderator.queue(article="place")} == {"pending"}
    assert desk.page.evaluate("window.sameLoad")
    assert by_people(moderator, [first]) == []
