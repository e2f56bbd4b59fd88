"""The catalogues hold every text, whole, in every language that the service speaks."""

from __future__ import annotations

import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from babel import Locale
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from commentsvc.web.languages import CATALOGUES

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
LANGUAGES = [
    "ar",
    "de",
    "es",
    "fa",
    "fr",
    "he",
    "hi",
    "id",
    "it",
    "ja",
    "ko",
    "nl",
    "pl",
    "pt",
    "ru",
    "tr",
    "uk",
    "vi",
    "zh",
    "zh_Hant",
]  # and English, in which all is written
# These words are at home in some.
SAME_IN = {
    "Name", "Website", "Email", "Privacy", "code", "Edit", "Code", "Spam", "spam", "Site", "Sites", "site", "Links",
    "links", "Log", "Mode", "mode", "Moderation", "Median", "Person", "Passkeys", "Check", "Checks", "Staff", "Article",
    "article", "admin", "Bar", "honeypot", "email", "domain", "Note", "Notes", "Role", "API token", "API tokens",
    "Desk", "Pin", "State", "Title", "Reason", "%(number)s s", "%(number)s min", "%(number)s h", "Admin",
    "Invitation", "objection", "Password", "Webhook", "Webhooks", "Messages", "feed", "Feed", "private", "Secret", "secret", "(%(check)s, score %(score)s)", ("%(num)s spam", "%(num)s spam"),
}  # fmt: skip
PLACE = re.compile(r"%\(\w+\)s")

ALIKE = {"fa", "tr"}  # after a number, a noun stays as it is


def catalogue(language: str) -> Catalog:
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def texts_of(catalogue: Catalog) -> dict[str | tuple[str, ...], str | tuple[str, ...]]:
    return {message.id: message.string for message in catalogue if message.id}


def test_these_are_the_languages() -> None:
    assert sorted(folder.name for folder in CATALOGUES.iterdir() if folder.is_dir()) == LANGUAGES


def has_words(text: str | tuple[str, ...]) -> bool:
    """Whether there is a word besides what is filled in."""
    return any(map(str.isalpha, PLACE.sub("", text if isinstance(text, str) else " ".join(text))))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """All texts that the code and the templates say, as `make translations` finds them."""
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", "")
    found = re.search(r"pybabel (-q extract .*?) --output \S+ \.", makefile)
    assert found
    made = tmp_path_factory.mktemp("texts") / "messages.pot"
    babel = [sys.executable, "-m", "babel.messages.frontend"]
    subprocess.run([*babel, *found[1].split(), "--output", made, "."], cwd=ROOT, check=True)
    with made.open("rb") as file:
        return read_po(file)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_the_texts_there_are_and_no_others(language: str, written: Catalog) -> None:
    assert set(texts_of(catalogue(language))) == set(texts_of(written)), "run: make translations"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    for text, said in texts_of(catalogue(language)).items():
        forms = said if isinstance(said, tuple) else (said,)
        assert all(form.strip() for form in forms), text
        assert said != text or text in SAME_IN or not has_words(text), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_has_its_place_in_every_form(language: str) -> None:
    checked = catalogue(language)

    assert [(message.id, *errors) for message, errors in checked.check()] == []
    assert not [message.id for message in checked if message.fuzzy and message.id]


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_a_form_for_each_plural_rule(language: str) -> None:
    checked = catalogue(language)
    integers = Locale.parse(language).plural_form
    rules = {integers(number) for number in range(1000)}

    assert checked.num_plurals >= (1 if language in ALIKE else len(rules)), "by CLDR"
    for message in checked:
        if isinstance(message.id, tuple):
            assert len(message.string) == checked.num_plurals, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_one_is_of_this_one(language: str) -> None:
    made = BytesIO()
    write_mo(made, catalogue(language))

    kept = CATALOGUES / language / "LC_MESSAGES" / "messages.mo"
    assert kept.read_bytes() == made.getvalue(), "run: make translations"
