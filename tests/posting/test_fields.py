"""Each field of a comment, by the function that reads it; `test_names.py` posts some of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.intake.fields import read_email, read_name, read_website
from commentsvc.messages import Message
from commentsvc.publishing.avatars import avatar_of
from commentsvc.unicode_text import graphemes
from tests.posting.typed_fields import (
    EMAILS,
    EMAILS_WITH_MORE,
    INITIALS,
    NAMES,
    NAMES_WITH_EMAIL,
    NO_EMAILS,
    NO_NAMES,
    NO_WEBSITES,
    SPELLINGS_OF_EMAILS,
    WEBSITES,
)

pytestmark = pytest.mark.unit


def refusal(read: Callable[[str], object], typed: str) -> str:
    """What is told to who typed that, in words that are translated."""
    with pytest.raises(ValueError, match=r"\w") as refused:
        read(typed)
    (told,) = refused.value.args
    assert isinstance(told, Message)
    return str(told)


def start(typed: str) -> str:
    return ascii(typed[:40])


@pytest.mark.parametrize(("typed", "shown"), NAMES, ids=ascii)
def test_a_name_is_shown_as_it_is_meant(typed: str, shown: str) -> None:
    assert read_name(typed) == shown


@pytest.mark.parametrize("name", NO_NAMES, ids=ascii)
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    assert refusal(read_name, name)


@pytest.mark.parametrize("name", NAMES_WITH_EMAIL, ids=ascii)
def test_a_name_that_holds_an_email_address_is_refused(name: str) -> None:
    assert "published" in refusal(read_name, name)


@pytest.mark.parametrize("email", EMAILS, ids=ascii)
def test_an_email_address_is_taken(email: str) -> None:
    assert "@" in read_email(email)


@pytest.mark.parametrize("email", NO_EMAILS, ids=start)
def test_what_is_no_email_address_is_refused(email: str) -> None:
    assert refusal(read_email, email)


@pytest.mark.parametrize("email", EMAILS_WITH_MORE)
def test_an_address_with_more_around_it_is_answered_with_what_to_do(email: str) -> None:
    assert "nothing else" in refusal(read_email, email)


@pytest.mark.parametrize(("typed", "kept"), SPELLINGS_OF_EMAILS, ids=ascii)
def test_an_email_address_is_kept_as_it_is_meant(typed: str, kept: str) -> None:
    assert read_email(typed) == kept


@pytest.mark.parametrize(("typed", "shown"), WEBSITES)
def test_a_website_is_shown_as_it_is_meant(typed: str, shown: str | None) -> None:
    assert read_website(typed) == shown


@pytest.mark.parametrize("url", NO_WEBSITES, ids=ascii)
def test_what_is_no_website_is_refused(url: str) -> None:
    assert refusal(read_website, url)


@pytest.mark.parametrize(("name", "initials"), INITIALS, ids=ascii)
def test_initials_are_what_people_take_for_single_characters(name: str, initials: str) -> None:
    assert avatar_of(name).initials == initials


@given(
    st.text(
        st.sampled_from(
            "\u0600\u0605\u06dd\u070f\U000110bd\u0e33\u200d\u0301\ufe0f.!7a\u00e9\u4e00 \U0001f44d"
        ),
        min_size=1,
    )
    | st.text()
)
def test_whatever_name_is_taken_has_initials(typed: str) -> None:
    try:
        name = read_name(typed)
    except ValueError:
        return
    assert 1 <= len(graphemes(avatar_of(name).initials)) <= 2
