"""What people may be called, and the addresses they may give: some of `test_fields.py`, as they are posted."""

from __future__ import annotations

import pytest

from tests.people import Json, Reader
from tests.posting.problems import errors_of
from tests.posting.typed_fields import (
    EMAILS,
    EMAILS_WITH_MORE,
    NAMES,
    NAMES_WITH_EMAIL,
    NO_EMAILS,
    NO_NAMES,
    NO_WEBSITES,
    WEBSITES,
)
from tests.running_service import InProcess

pytestmark = pytest.mark.sampled(8)


@pytest.fixture(scope="module")
def somebody(shared_service: InProcess) -> Reader:
    """A reader at a service that tests share; none looks at what others posted."""
    return shared_service.reader()


def author(reader: Reader, **fields: str) -> Json:
    return reader.posted("names", **fields)["comment"]["author"]


@pytest.mark.parametrize(("typed", "shown"), NAMES, ids=ascii)
def test_a_name_is_shown_as_it_is_meant(somebody: Reader, typed: str, shown: str) -> None:
    assert author(somebody, name=typed)["name"] == shown


@pytest.mark.whole
@pytest.mark.parametrize("name", ["\u0600.", "\u06dd!", "\u070f\u2026"], ids=ascii)
def test_no_name_stops_the_pages_that_show_it(service: InProcess, name: str) -> None:
    """A sign that is one character with the next, and not seen by itself, once stopped them all."""
    reader = service.reader()
    reader.name = name
    reader.comment("odd")

    for page in ("/thread", "/thread/fragment", "/api/v1/thread"):
        shown = reader.get(page, article="odd")
        assert (shown.status_code, name in shown.text) == (200, True), page


@pytest.mark.whole
@pytest.mark.parametrize(
    "sign", ["\U0001fa77", "\U0001fae8", "\U0001fae9", "\U00031350", "\U0001fbfe"], ids=ascii
)
def test_emoji_and_letters_younger_than_our_python_are_seen(service: InProcess, sign: str) -> None:
    """Phones write them a year before programs know them: hearts of 2022, ideographs, one of tomorrow."""
    posted = service.reader(name=sign).posted("young", sign)

    assert (posted["comment"]["author"]["name"], posted["comment"]["html"]) == (sign, f"<p>{sign}</p>")
    assert sign in service.reader().get("/thread", article="young").text


@pytest.mark.parametrize("name", NO_NAMES, ids=ascii)
def test_a_name_that_cannot_be_shown_is_refused(somebody: Reader, name: str) -> None:
    assert set(errors_of(somebody.post("names", name=name))) == {"name"}


@pytest.mark.parametrize("name", NAMES_WITH_EMAIL, ids=ascii)
def test_a_name_that_holds_an_email_address_is_refused(somebody: Reader, name: str) -> None:
    errors = errors_of(somebody.post("names", name=name))

    assert set(errors) == {"name"}
    assert "published" in errors["name"][0]


@pytest.mark.parametrize("email", EMAILS, ids=ascii)
def test_an_email_address_is_taken(somebody: Reader, email: str) -> None:
    assert somebody.post("names", email=email).status_code == 201


@pytest.mark.parametrize("email", NO_EMAILS, ids=lambda email: ascii(email[:40]))
def test_what_is_no_email_address_is_refused(somebody: Reader, email: str) -> None:
    assert set(errors_of(somebody.post("names", email=email))) == {"email"}


@pytest.mark.parametrize("email", EMAILS_WITH_MORE)
def test_an_address_with_more_around_it_is_answered_with_what_to_do(somebody: Reader, email: str) -> None:
    assert "nothing else" in errors_of(somebody.post("names", email=email))["email"][0]


@pytest.mark.parametrize(("typed", "shown"), WEBSITES)
def test_a_website_is_shown_as_it_is_meant(somebody: Reader, typed: str, shown: str | None) -> None:
    assert author(somebody, url=typed)["url"] == shown


@pytest.mark.parametrize("url", NO_WEBSITES, ids=ascii)
def test_what_is_no_website_is_refused(somebody: Reader, url: str) -> None:
    assert set(errors_of(somebody.post("names", url=url))) == {"url"}
