"""What a moderator typed into a form that is not taken is shown to them, to be sent once more or copied."""

from __future__ import annotations

import pytest

from tests.moderating.desk import Desk, csrf_token
from tests.people import Moderator, Reader
from tests.running_service import InProcess

TYPED = "We open at nine & close at ten.\n\nCome <early>!"
KEPT = "We open at nine &amp; close at ten.\n\nCome &lt;early&gt;!</textarea>"
AS_BROWSERS = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
FORMS = {
    "an answer": ("/moderation/thread/answer?article=a", "text"),
    "words": ("/moderation/thread/comment?article=a", "words"),
    "a note": ("/moderation/comments/{comment}/notes", "text"),
    "a reason for all": ("/moderation/decide/all?state=pending", "text"),
    "a word to block": ("/moderation/block", "word"),
    "a note on a rule": ("/moderation/rules/add", "note"),
}


@pytest.mark.parametrize(("path", "field"), FORMS.values(), ids=FORMS)
def test_who_was_signed_out_meanwhile_sees_it_and_where_to_sign_in(
    service: InProcess, reader: Reader, path: str, field: str
) -> None:
    comment = reader.comment("a")
    stranger = service.http()

    answer = stranger.post(
        path.format(comment=comment), data={"comment": comment, field: TYPED}, headers=AS_BROWSERS
    )

    assert answer.status_code == 403
    assert KEPT in answer.text
    assert 'href="/moderation/sign-in"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_browser_that_says_less_sees_it_too(service: InProcess, reader: Reader) -> None:
    answer = service.http().post(
        f"/moderation/comments/{reader.comment('a')}/notes",
        data={"text": TYPED},
        headers={"Accept": "text/html", "Origin": service.ours.settings.base_url},
    )

    assert KEPT in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {},
    ],
    ids=["another site", "a sandbox", "unknown"],
)
def test_nobody_elsewhere_has_our_pages_show_their_words(
    service: InProcess, reader: Reader, headers: dict[str, str]
) -> None:
    path = f"/moderation/comments/{reader.comment('a')}/notes"

    answer = service.http().post(path, data={"text": TYPED}, headers={"Accept": "text/html"} | headers)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/moderation/sign-in")


@pytest.mark.parametrize(
    ("path", "field"),
    [FORMS["an answer"], FORMS["words"], FORMS["a note"]],
    ids=["an answer", "words", "a note"],
)
def test_where_the_comment_was_erased_meanwhile_it_is_shown(
    desk: Desk, reader: Reader, moderator: Moderator, path: str, field: str
) -> None:
    reader.comment("a")
    comment = reader.comment("a", "To be erased.")
    token = csrf_token(desk.http.get("/moderation/thread", params={"article": "a"}))
    moderator.decide("purge", comment)

    answer = desk.http.post(
        path.format(comment=comment),
        data={"comment": comment, field: TYPED, "csrf_token": token, "action": "redact"},
        headers=AS_BROWSERS,
    )

    assert answer.status_code in {404, 409, 422}
    assert KEPT in answer.text


def test_what_is_too_large_to_be_read_leads_to_sign_in(service: InProcess) -> None:
    answer = service.http().post("/moderation/block", data={"word": "x" * 2_000_000}, headers=AS_BROWSERS)

    assert answer.headers["Location"] == "/moderation/sign-in"
