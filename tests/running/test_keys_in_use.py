"""A service starts with the keys that its database is used with, or not at all."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.model import KeyKind
from commentsvc.privacy.keys import order_fault
from commentsvc.storage.service_keys import StoredKey
from tests.command_line import create_service, refusal, typed
from tests.databases import NewDatabase, on_both
from tests.people import Moderator
from tests.running_service import InProcess, open_in_process

pytestmark = pytest.mark.sampled(6)

__all__ = ["on_both"]

FRESH = "k2:" + "B" * 43
FRESHER = "k3:" + "C" * 43
SECRET = "x" * 43


@dataclass
class Used:
    """A service that has a comment and a blocked sender, at rest; commands are typed on it."""

    data_dir: Path
    where: dict[str, str]
    token: str
    opened: list[InProcess] = field(default_factory=list)

    @property
    def address_keys(self) -> Path:
        return self.data_dir / "address.keys"

    @property
    def secret(self) -> Path:
        return self.data_dir / "secret.key"

    def typed(self, *words: str, **settings: str) -> Result:
        return typed(*words, data_dir=self.data_dir, **self.where, **settings)

    def starts(self, **settings: str) -> Result:
        return self.typed("site", "list", **settings)

    def open(self, **settings: str) -> tuple[InProcess, Moderator]:
        service = open_in_process(self.data_dir, **self.where, **settings)
        self.opened.append(service)
        return service, Moderator(service.http(), self.token)

    def forget_keys(self) -> None:
        """Make the database one of before it knew its keys."""
        service, _ = self.open()
        with service.ours.unit_of_work() as work:
            for kind in KeyKind:
                work.service_keys.forget(kind)


@pytest.fixture
def used(tmp_path: Path, database: NewDatabase) -> Iterator[Used]:
    with database() as where:
        data_dir = tmp_path / "data"
        create_service(data_dir, **where)
        token = typed("token", "create", "--scope", "moderate", data_dir=data_dir, **where).stdout.strip()
        used = Used(data_dir, where, token)
        service, moderator = used.open()
        service.reader().comment("a", "First.")
        moderator.block("email", "bob@paper.example", "spam")
        yield used
        for service in used.opened:
            service.close()


def test_it_starts_with_its_keys_again_and_again(used: Used) -> None:
    assert [used.starts().exit_code for _ in range(3)] == [0, 0, 0]


@pytest.mark.soak
@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", ["address.keys", "secret.key"])
@pytest.mark.parametrize("old", [False, True], ids=["this version", "an older one"])
@pytest.mark.parametrize(
    "command", [["site", "list"], ["serve"], ["demo"], ["rerender"], ["db", "upgrade"], ["keys", "list"]]
)
def test_a_missing_key_is_named_and_none_is_made(
    used: Used, name: str, old: bool, command: list[str]
) -> None:
    if old:
        used.forget_keys()
    file = used.data_dir / name
    file.rename(used.data_dir / "elsewhere")

    said = refusal(used.typed(*command))

    assert str(file) in said
    assert "backup" in said
    assert not file.exists()

    (used.data_dir / "elsewhere").rename(file)
    assert used.starts().exit_code == 0


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize("old", [False, True], ids=["this version", "an older one"])
@pytest.mark.parametrize("command", [["site", "list"], ["serve"], ["db", "upgrade"]], ids=" ".join)
def test_another_key_is_refused(used: Used, old: bool, command: list[str]) -> None:
    if old:
        used.forget_keys()
    kept = used.address_keys.read_text()
    used.address_keys.write_text("k1:" + "B" * 43 + "\n")

    said = refusal(used.typed(*command))

    assert str(used.address_keys) in said
    used.address_keys.write_text(kept)
    assert used.starts().exit_code == 0


def test_another_secret_is_refused_wherever_it_comes_from(used: Used) -> None:
    assert "COMMENTSVC_SECRET_KEY" in refusal(used.starts(SECRET_KEY=SECRET))

    used.secret.write_text(SECRET + "\n")
    assert str(used.secret) in refusal(used.starts())


def test_a_new_key_stands_in_front_of_the_old_ones(used: Used) -> None:
    first = used.address_keys.read_text().strip()

    assert used.starts(ADDRESS_KEYS=f"{FRESH},{first}").exit_code == 0
    service, moderator = used.open(ADDRESS_KEYS=f"{FRESHER},{FRESH},{first}")
    assert used.starts(ADDRESS_KEYS=f"{FRESHER},{FRESH},{first}").exit_code == 0

    assert service.reader().post("a", email="bob@paper.example").status_code == 202
    assert [c["email"] for c in moderator.queue()] == ["ada@paper.example", "bob@paper.example"]


def test_one_that_was_added_is_needed_from_then_on_in_its_place(used: Used) -> None:
    first = used.address_keys.read_text().strip()
    assert used.starts(ADDRESS_KEYS=f"{FRESHER},{FRESH},{first}").exit_code == 0

    missing = refusal(used.starts(ADDRESS_KEYS=f"{FRESHER},{first}"))
    other = refusal(used.starts(ADDRESS_KEYS=f"{FRESHER},k2:{'D' * 43},{first}"))
    reordered = refusal(used.starts(ADDRESS_KEYS=f"{FRESH},{FRESHER},{first}"))

    assert "“k2”" in missing
    assert "missing" in missing
    assert "“k2” is not the one" in other
    assert "k3,k2,k1" in reordered


def test_a_key_that_is_added_at_the_end_is_refused(used: Used) -> None:
    first = used.address_keys.read_text().strip()

    assert "order" in refusal(used.starts(ADDRESS_KEYS=f"{first},{FRESH}"))


def test_an_older_database_learns_only_keys_that_open_all_it_has(used: Used) -> None:
    first = used.address_keys.read_text().strip()
    service, _ = used.open(ADDRESS_KEYS=f"{FRESH},{first}")
    service.reader().comment("a", "Under the second key.")
    newest, _ = used.open(ADDRESS_KEYS=f"{FRESHER},{FRESH},{first}")
    newest.reader().comment("a", "Under the third key.")
    used.forget_keys()

    assert "sealed" in refusal(used.starts(ADDRESS_KEYS=f"{FRESHER},{first}"))
    assert used.starts(ADDRESS_KEYS=f"{FRESHER},{FRESH},{first}").exit_code == 0


def test_a_secret_is_changed_by_a_new_one_before_it(used: Used) -> None:
    old = used.secret.read_text().strip()
    service, _ = used.open()
    reader = service.reader()
    submission = reader.submission("a", "Sent across.")
    posted = reader.posted("a", "Before.")

    assert used.starts(SECRET_KEY=f"{SECRET},{old}").exit_code == 0
    after, _ = used.open(SECRET_KEY=f"{SECRET},{old}")
    reader = after.reader()
    assert reader.edit(posted["comment"]["id"], posted["edit_key"], "After.").status_code == 200
    assert reader.send(submission).status_code == 201
    assert reader.send(submission).status_code == 200
    again = reader.posted("a", author_key=posted["author_key"])
    assert again["author_key"].partition(".")[0] == posted["author_key"].partition(".")[0]
    assert again["author_key"] != posted["author_key"]

    assert used.starts(SECRET_KEY=SECRET).exit_code == 0
    assert "NEW,OLD" in refusal(used.starts(SECRET_KEY=old))


def test_what_a_secret_that_went_signed_is_good_no_more(used: Used) -> None:
    old = used.secret.read_text().strip()
    posted = used.open()[0].reader().posted("a", "Before.")
    used.starts(SECRET_KEY=f"{SECRET},{old}")

    after, _ = used.open(SECRET_KEY=SECRET)

    edited = after.reader().edit(posted["comment"]["id"], posted["edit_key"], "After.")
    assert edited.status_code == 403


@pytest.mark.parametrize("spoilt", ["{},", ",{}", "{},,{}"])
def test_an_empty_secret_signs_nothing(used: Used, spoilt: str) -> None:
    secret = used.secret.read_text().strip()
    used.secret.write_text(spoilt.format(secret, secret))

    assert "empty secret" in refusal(used.starts())


def test_two_nodes_that_made_secrets_of_their_own_do_not_both_start(used: Used) -> None:
    used.forget_keys()
    first, second = (used.starts(SECRET_KEY=letter * 43) for letter in "xy")

    assert (first.exit_code, second.exit_code) == (0, 1)
    assert used.starts(SECRET_KEY="x" * 43).exit_code == 0


def test_a_copy_starts_with_copies_of_the_keys(used: Used, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(used.data_dir, copy)

    assert typed("site", "list", data_dir=copy, **used.where).exit_code == 0


def test_another_node_must_have_the_same_keys(used: Used, tmp_path: Path) -> None:
    where = used.where or {"DATABASE_URL": f"sqlite:///{used.data_dir / 'comments.db'}"}

    said = refusal(typed("site", "list", data_dir=tmp_path / "other", **where))

    assert "secret.key and " in said
    assert "address.keys, and this database" in said


def test_keys_are_listed_without_being_shown(used: Used) -> None:
    used.starts()
    first = used.address_keys.read_text().strip()
    used.starts(ADDRESS_KEYS=f"{FRESH},{first}")

    listed = used.typed("keys", "list")

    assert [re.split(r"\s+", line, maxsplit=2) for line in listed.stdout.splitlines()] == [
        ["sealing", "k2", "missing or another"],
        ["sealing", "k1", "here"],
        ["lookup", "-", "here"],
        ["secret", "-", "here"],
    ]
    assert first.partition(":")[2] not in listed.output


def test_who_lost_a_key_for_good_can_go_on(used: Used) -> None:
    used.starts()
    used.address_keys.write_text(FRESH + "\n")
    assert used.starts().exit_code == 1

    assert used.typed("keys", "accept", "--yes").exit_code == 0

    assert used.starts().exit_code == 0
    service, moderator = used.open()
    service.reader().comment("a", "New.")
    assert [c["email"] for c in moderator.queue()] == [
        "(sealed with a key that is not here)",
        "ada@paper.example",
    ]


def test_the_doctor_tells_of_another_secret(used: Used) -> None:
    used.starts()

    done = used.typed("doctor", SECRET_KEY=SECRET)

    assert done.exit_code == 1
    assert "wrong  address keys: The secret in COMMENTSVC_SECRET_KEY" in done.stdout


names = st.sampled_from(["k1", "k2", "k3", "k4"])
identities = st.builds(StoredKey, names, st.sampled_from([b"one", b"two"]))
lists = st.lists(identities, max_size=4, unique_by=lambda key: key.name)


@given(lists, lists)
def test_keys_will_do_if_the_known_ones_stand_in_their_places(
    known: list[StoredKey], ours: list[StoredKey]
) -> None:
    fault = order_fault(known, ours)

    assert (fault is None) is (ours[: len(known)] == known)
    assert fault is None or "\n" not in fault
