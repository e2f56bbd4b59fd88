"""Keys of addresses rotate: what older ones sealed still opens, and is still found."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.people import Moderator
from tests.running_service import InProcess, open_in_process

FRESH = "k2:" + "B" * 43
Reopen = Callable[[str | None], tuple[InProcess, Moderator]]


@pytest.fixture
def reopened(service: InProcess, moderator: Moderator) -> Iterator[Reopen]:
    """Starts the service again with other keys; its moderator stays."""
    opened: list[InProcess] = []

    def reopen(keys: str | None) -> tuple[InProcess, Moderator]:
        again = open_in_process(service.data_dir, **({"ADDRESS_KEYS": keys} if keys else {}))
        opened.append(again)
        return again, Moderator(again.http(), moderator.token)

    yield reopen
    for again in opened:
        again.close()


@pytest.fixture
def first_keys(service: InProcess) -> str:
    """Those that the service made at its first start."""
    service.reader().comment("a", "Old.", email="ada@paper.example")
    return (service.data_dir / "address.keys").read_text().strip()


def test_old_and_new_addresses_open_after_a_rotation(first_keys: str, reopened: Reopen) -> None:
    service, moderator = reopened(f"{FRESH},{first_keys}")
    service.reader().comment("a", "New.", email="bo@paper.example")

    assert [c["email"] for c in moderator.queue()] == ["ada@paper.example", "bo@paper.example"]


def test_the_first_key_of_the_list_seals_from_then_on(first_keys: str, reopened: Reopen) -> None:
    service, _ = reopened(f"{FRESH},{first_keys}")
    service.reader().comment("a", "New.", email="bo@paper.example")

    _, moderator = reopened(FRESH)

    old, new = moderator.queue()
    assert (old["email"], old["text"]) == ("(sealed with a key that is not here)", "Old.")
    assert (new["email"], new["text"]) == ("bo@paper.example", "New.")


def test_an_address_is_found_and_blocked_across_a_rotation(
    service: InProcess, moderator: Moderator, first_keys: str, reopened: Reopen
) -> None:
    moderator.block("email", "ada@paper.example", "spam")
    service, moderator = reopened(f"{FRESH},{first_keys}")

    assert service.reader().post("a", "New.", email="Ada@Paper.example").status_code == 202

    assert [c["text"] for c in moderator.queue(email="ADA@paper.example")] == ["Old.", "New."]
    assert moderator.request("GET", "/blocks").json()["blocks"][0]["value"] == "ada@paper.example"


def test_a_service_starts_again_with_the_keys_that_it_kept(first_keys: str, reopened: Reopen) -> None:
    _, moderator = reopened(None)

    assert moderator.queue()[0]["email"] == "ada@paper.example"
