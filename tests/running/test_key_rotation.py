"""Keys are renewed while people read, post and moderate: what older ones sealed and signed is still good."""

from __future__ import annotations

import shutil
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, func, select, update
from standardwebhooks import Webhook as Signer

from bench.seed import fill
from commentsvc.actions.key_rotation import PURPOSES, rotate
from commentsvc.errors import BadSetting
from commentsvc.jobs import queue, runner
from commentsvc.jobs.kinds import KINDS
from commentsvc.jobs.runner import Runner
from commentsvc.model import HookEvent, Job, JobState
from commentsvc.notifications.webhooks import hooks, secrets
from commentsvc.storage.tables import (
    AddressRow,
    BlockRow,
    NetworkRow,
    ReportRow,
    RuleAddressRow,
    TotpRow,
    WebhookSecretRow,
)
from tests.command_line import refusal
from tests.databases import on_both
from tests.moderating.desk import EMAIL, PASSWORD, Desk
from tests.moderating.second_factors import half_signed_in, second_step, set_up_app
from tests.people import Moderator, Reader
from tests.running.test_keys_in_use import Used, used
from tests.running_service import InProcess, open_in_process, written

pytestmark = pytest.mark.sampled(3)

__all__ = ["on_both", "used"]

ADA = "ada@paper.example"
BOB = "bob@paper.example"


class Killed(BaseException):
    """Nothing of ours catches it."""


def listed(used: Used, **settings: str) -> list[list[str]]:
    """What `keys list` says, each line in its three columns."""
    done = used.typed("keys", "list", **settings)
    assert done.exit_code == 0, done.output
    return [line.split(maxsplit=2) for line in done.stdout.splitlines()]


def needed(used: Used, **settings: str) -> set[tuple[str, str]]:
    return {(kind, name) for kind, name, state in listed(used, **settings) if state == "here"}


def rotated(used: Used, *words: str, **settings: str) -> str:
    done = used.typed("keys", "rotate", *words, **settings)
    assert done.exit_code == 0, done.output
    return done.stdout


def work(service: InProcess) -> list[str]:
    """Do all jobs that a start of this service begins; give the kinds of those that came to their end."""
    queue.start_needed(service.ours)
    jobs = [job for job in queue.all_jobs(service.ours) if job.kind == "reseal"]
    ended = [Runner(service.ours, lambda _seconds: False).run_job(job.public_id) for job in jobs]
    assert all(job.state is JobState.DONE for job in ended)
    return [job.kind for job in ended]


def headers(service: InProcess) -> set[bytes]:
    """With what the sealed addresses begin, of all holders."""
    held = (AddressRow, BlockRow, RuleAddressRow, TotpRow, ReportRow, NetworkRow, WebhookSecretRow)
    with written(service) as connection:
        return {
            bytes(one)
            for sealed in (row.sealed for row in held)
            for one in connection.scalars(
                select(func.substr(sealed, 1, 4, type_=LargeBinary)).where(sealed.is_not(None))
            )
        }


def texts_of(moderator: Moderator, email: str) -> list[str]:
    return [one["text"] for one in moderator.queue(email=email)]


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize("words", [["sealing"], ["lookup"], []], ids=["sealing", "lookup", "all"])
def test_who_is_looked_for_or_blocked_is_found_before_during_and_after(used: Used, words: list[str]) -> None:
    before, _ = used.open()
    rotated(used, *words)
    after, moderator = used.open()
    used.starts()

    after.reader().comment("a", "Second.")
    assert texts_of(moderator, ADA) == ["First.", "Second."]
    assert after.reader().post("a", "Blocked before.", email=BOB).status_code == 202
    moderator.block("email", "eve@paper.example", "spam")

    assert work(after) == ["reseal"]

    after.reader().comment("a", "Third.")
    assert texts_of(moderator, ADA) == ["First.", "Second.", "Third."]
    for email in (BOB, "eve@paper.example"):
        assert after.reader().post("a", f"Still blocked, {email}.", email=email).status_code == 202
    assert before.reader().texts("a") == after.reader().texts("a")
    if words != ["lookup"]:
        assert headers(after) == {b"\x01\x02k2"}


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize("words", [["sealing"], ["lookup"], []], ids=["sealing", "lookup", "all"])
def test_a_rule_on_an_address_catches_before_during_and_after(used: Used, words: list[str]) -> None:
    _, moderator = used.open()
    rule = {"name": "Mallory", "when": {"emails": ["mallory@paper.example"]}, "outcome": "spam", "mode": "on"}
    made = moderator.request("POST", "/rules", json=rule)
    assert made.status_code == 201, made.text
    rotated(used, *words)
    after, moderator = used.open()
    used.starts()

    def is_caught(text: str) -> bool:
        after.reader().post("a", text, email="mallory@paper.example")
        return moderator.queue(email="mallory@paper.example", order="newest")[0]["state"] == "spam"

    assert is_caught("During.")
    assert work(after) == ["reseal"]
    assert is_caught("After.")
    if words != ["lookup"]:
        assert headers(after) == {b"\x01\x02k2"}
    listed_rule = moderator.request("GET", "/rules").json()["rules"][0]
    assert listed_rule["when"]["emails"] == ["mallory@paper.example"]


@pytest.mark.soak
def test_an_authenticator_app_goes_on_with_new_keys(used: Used) -> None:
    service, _ = used.open()
    service.run("user", "add", EMAIL, input=PASSWORD + "\n")
    desk = Desk(service.http())
    desk.sign_in()
    app, codes = set_up_app(service, desk)
    rotated(used)
    after, _ = used.open()
    after.clock.now = service.clock.now
    used.starts()

    def code_is_taken() -> bool:
        after.clock.move(minutes=1)
        return second_step(half_signed_in(after), app.at(after.clock())).status_code == 303

    assert code_is_taken()
    assert work(after) == ["reseal"]
    assert headers(after) == {b"\x01\x02k2"}
    assert code_is_taken()
    assert second_step(half_signed_in(after), codes[0]).status_code == 303


@pytest.mark.soak
def test_the_address_of_a_report_is_sealed_again_and_the_same_client_is_still_one(used: Used) -> None:
    service, moderator = used.open()
    reader = service.reader()
    (comment,) = [one["id"] for one in moderator.queue()]
    report = {"reason": "abuse", "email": "eve@paper.example"}

    def sent(reader: Reader) -> int:
        where = f"/api/v1/comments/{comment}/reports"
        return reader.http.post(where, json=report | {"token": reader.token("a")}).status_code

    assert sent(reader) == 202
    rotated(used)
    after, moderator = used.open()
    used.starts()

    assert sent(after.reader()) == 202
    assert work(after) == ["reseal"]

    assert headers(after) == {b"\x01\x02k2"}
    (kept,) = moderator.request("GET", f"/comments/{comment}/reports").json()["reports"]
    assert kept["email"] == "eve@paper.example"


@pytest.mark.soak
def test_what_signs_for_a_webhook_stays_the_same(used: Used) -> None:
    before, _ = used.open()
    hook = hooks.add_webhook(before.ours, "https://[2600::1]/", [HookEvent.POSTED], None, private=False)
    rotated(used)
    after, _ = used.open()
    used.starts()
    for service in (before, after):
        with service.ours.reading() as read:
            stored = read.webhooks.find(hook.id)
            assert stored is not None
            (signer,) = secrets.signers(read, stored, service.ours.address_keys, service.clock.now)
        assert signer.sign("id", service.clock.now, "x") == Signer(hook.secret).sign(
            "id", service.clock.now, "x"
        )
        work(after)
    assert headers(after) == {b"\x01\x02k2"}


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize("words", [["sealing"], ["lookup"], []], ids=["sealing", "lookup", "all"])
def test_a_network_is_found_before_during_and_after(used: Used, words: list[str]) -> None:
    service, moderator = used.open(RETAIN_NETWORKS="30")
    service.reader().comment("a", "Second.")
    rotated(used, *words)
    after, moderator = used.open(RETAIN_NETWORKS="30")
    used.starts()

    def found() -> list[str]:
        listed = moderator.queue(network="192.0.2.0/24")
        assert {one["network"] for one in listed} == {"192.0.2.0/24"}
        return [one["text"] for one in listed]

    assert found() == ["Second."]
    after.reader().comment("a", "Third.")
    assert found() == ["Second.", "Third."]
    assert work(after) == ["reseal"]
    assert found() == ["Second.", "Third."]
    if words != ["lookup"]:
        assert headers(after) == {b"\x01\x02k2"}
    assert used.typed("doctor", "--deep").exit_code == 0


def test_a_decision_about_all_of_an_address_or_a_network_ends_with_the_keys_it_is_looked_for_by(
    used: Used,
) -> None:
    _, moderator = used.open()
    (comment,) = [one["id"] for one in moderator.queue(email=ADA)]
    jobs = [
        moderator.request("POST", "/jobs", json={"action": "spam", "filter": looked_for}).json()["job"]["id"]
        for looked_for in ({"email": ADA}, {"network": "192.0.2.0/24"})
    ]
    rotated(used, "lookup")
    after, moderator = used.open()
    used.starts()

    ended = [Runner(after.ours, lambda _seconds: False).run_job(job).state for job in jobs]

    assert ended == [JobState.CANCELLED] * 2
    assert [(one["id"], one["state"]) for one in moderator.queue(email=ADA)] == [(comment, "approved")]


def test_what_was_signed_before_is_good_after(used: Used) -> None:
    service, moderator = used.open()
    reader = service.reader()
    for number in range(3):
        reader.comment("a", f"Another, {number}.")
    submission = reader.submission("a", "Sent across.")
    posted = reader.posted("a", "Before.")
    cursor = reader.thread("a", limit=2)["next"]
    queued = moderator.request("GET", "/comments", params={"limit": 2}).json()["next"]
    expected = reader.thread("a", limit=2, cursor=cursor)["comments"]

    for _ in range(2):
        rotated(used, "secret")
    after, moderator = used.open()
    assert used.starts().exit_code == 0

    reader = after.reader()
    assert reader.thread("a", limit=2, cursor=cursor)["comments"] == expected
    assert moderator.request("GET", "/comments", params={"limit": 2, "cursor": queued}).status_code == 200
    assert reader.edit(posted["comment"]["id"], posted["edit_key"], "After.").status_code == 200
    assert reader.send(submission).status_code == 201
    again = reader.posted("a", "By the same.", author_key=posted["author_key"])
    assert again["author_key"].partition(".")[0] == posted["author_key"].partition(".")[0]
    assert [state for kind, _, state in listed(used) if kind == "secret"] == [
        "here",
        "old, still accepted",
        "old, still accepted",
    ]


def test_a_new_secret_is_listed_as_new_until_the_service_restarts(used: Used) -> None:
    rotated(used, "secret")

    assert [state for kind, _, state in listed(used) if kind == "secret"] == ["new", "here"]


@pytest.mark.soak
def test_the_list_says_what_is_still_needed(used: Used) -> None:
    assert needed(used) == {("sealing", "k1"), ("lookup", "-"), ("secret", "-")}
    rotated(used)
    assert ["sealing", "k2", "new"] in listed(used)
    used.starts()
    assert needed(used) == {
        ("sealing", "k2"),
        ("sealing", "k1"),
        ("lookup", "lookup-1"),
        ("lookup", "-"),
        ("secret", "-"),
    }

    work(used.open()[0])

    assert needed(used) == {("sealing", "k2"), ("lookup", "lookup-1"), ("secret", "-")}
    assert ["sealing", "k1", "no longer needed"] in listed(used)
    k1 = used.address_keys.read_text().strip().rpartition(",")[2]
    keep(used, "k1")
    assert used.starts().exit_code == 0
    assert used.typed("doctor", "--deep").exit_code == 0
    assert k1 not in used.address_keys.read_text()


def keep(used: Used, *without: str) -> None:
    """Remove keys from the file."""
    keys = used.address_keys.read_text().strip().split(",")
    used.address_keys.write_text(",".join(key for key in keys if key.partition(":")[0] not in without) + "\n")


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize("words", [["sealing"], ["lookup"], []], ids=["sealing", "lookup", "all"])
def test_an_old_key_that_is_removed_too_early_ends_the_start(used: Used, words: list[str]) -> None:
    rotated(used, *words)
    used.starts()
    all_keys = used.address_keys.read_text()

    keep(used, "k1")
    assert str(used.address_keys) in refusal(used.starts())

    used.address_keys.write_text(all_keys)
    assert used.starts().exit_code == 0


@pytest.mark.soak
def test_a_key_with_which_a_node_sealed_after_its_end_is_not_given_up(used: Used) -> None:
    behind, _ = used.open()
    rotated(used)
    service, moderator = used.open()
    used.starts()
    work(service)
    behind.reader().comment("a", "By a node that was not restarted.")
    all_keys = used.address_keys.read_text()

    keep(used, "k1")
    assert "“k1” is missing, and sealed 1 addresses" in refusal(used.starts())

    used.address_keys.write_text(all_keys)
    assert used.starts().exit_code == 0
    work(used.open()[0])
    assert headers(service) == {b"\x01\x02k2"}
    assert texts_of(moderator, ADA) == ["First.", "By a node that was not restarted."]
    keep(used, "k1")
    assert used.starts().exit_code == 0


def test_a_new_key_waits_until_all_nodes_know_it(used: Used) -> None:
    first = {
        "ADDRESS_KEYS": used.address_keys.read_text().strip(),
        "SECRET_KEY": used.secret.read_text().strip(),
    }
    waiting = printed(rotated(used, **first))
    assert waiting["ADDRESS_KEYS"].startswith("+")
    assert waiting["SECRET_KEY"].startswith("+")
    knowing, moderator = used.open(**waiting)
    assert used.starts(**waiting).exit_code == 0
    assert used.starts(**first).exit_code == 0  # a node that is not there yet may restart
    assert "waiting" in {state for _, _, state in listed(used, **waiting)}
    knowing.reader().comment("a", "Not yet.")
    assert headers(knowing) == {b"\x01\x02k1"}

    active = printed(rotated(used, **waiting))

    assert "+" not in "".join(active.values())
    newest, _ = used.open(**active)
    assert used.starts(**active).exit_code == 0
    submission = newest.reader().submission("a", "With a token of the new secret.")
    assert knowing.reader().send(submission).status_code == 201
    newest.reader().comment("a", "Under the new keys.")
    assert texts_of(moderator, ADA) == ["First.", "Not yet.", submission["text"], "Under the new keys."]
    assert "“k2”" in refusal(used.starts(**first))
    assert used.starts(**waiting).exit_code == 0

    queue.start_needed(knowing.ours)
    assert "reseal" not in {
        job.kind for job in queue.all_jobs(newest.ours)
    }  # it has no newer keys to seal with
    work(newest)
    assert headers(newest) == {b"\x01\x02k2"}


def printed(said: str) -> dict[str, str]:
    lines = dict(line.split("=", 1) for line in said.splitlines())
    return {name.removeprefix("COMMENTSVC_"): value for name, value in lines.items()}


def test_the_next_rotation_waits_for_the_job_and_leaves_out_what_nothing_needs(used: Used) -> None:
    rotated(used)
    assert "job list" in refusal(used.typed("keys", "rotate"))
    assert "job list" in refusal(used.typed("keys", "rotate", "lookup"))
    work(used.open()[0])

    rotated(used)
    service, moderator = used.open()
    used.starts()
    work(service)

    names = [key.partition(":")[0] for key in used.address_keys.read_text().split(",")]
    assert names == ["lookup-2", "k3", "lookup-1", "k2"]
    assert texts_of(moderator, ADA) == ["First."]
    copies = list(used.data_dir.glob("address.keys.before-*"))
    assert len(copies) == 2
    assert {copy.stat().st_mode & 0o777 for copy in copies} == {0o600}


@pytest.mark.soak
def test_what_is_killed_goes_on_where_it_was(used: Used) -> None:
    service, _ = used.open()
    fill(service.ours, "b", 450)
    rotated(used)
    after, moderator = used.open()
    used.starts()
    job = queue.start(after.ours, KINDS["reseal"])[0]

    runs = count()
    while find(after, job).state is not JobState.DONE:
        with suppress(Killed):
            Runner(after.ours, once_then_killed()).run_job(job.public_id)
        after.clock.move(seconds=runner.LEASE.total_seconds() + 1)
        assert next(runs) < 50

    assert find(after, job).done == 452  # each once: of 451 comments and a block
    assert headers(after) == {b"\x01\x02k2"}
    assert texts_of(moderator, ADA) == ["First."]
    assert used.typed("doctor", "--deep").exit_code == 0


def find(service: InProcess, job: Job) -> Job:
    return queue.find(service.ours, job.public_id)


def once_then_killed() -> runner.Wait:
    steps = count()

    def wait(_seconds: float) -> bool:
        if next(steps):
            raise Killed
        return False

    return wait


def test_the_doctor_opens_every_address(used: Used) -> None:
    service, _ = used.open()
    for number in range(3):
        service.reader().comment("a", f"Another, {number}.")
    used.starts()
    assert used.typed("doctor", "--deep").exit_code == 0
    with written(service) as connection:
        middle = sorted(connection.scalars(select(AddressRow.comment_id)))[1:3]
        spoilt = update(AddressRow).where(AddressRow.comment_id.in_(middle))
        connection.execute(spoilt.values(sealed=b"\x01\x02k1" + bytes(40)))

    done = used.typed("doctor", "--deep")

    assert done.exit_code == 1
    assert (
        f"wrong  addresses: 2 of 5 cannot be read or found with the keys in {used.address_keys}"
        in done.stdout
    )
    assert ADA not in done.output


@pytest.mark.soak
def test_an_edit_meets_a_block_of_the_other_key(used: Used) -> None:
    service, _ = used.open(EDIT_WINDOW="86400")
    posted = service.reader().posted("a", "Before the block.", email="eve@paper.example")
    rotated(used, "lookup")
    after, moderator = used.open(EDIT_WINDOW="86400")
    moderator.block("email", "eve@paper.example", "spam")

    edited = after.reader().edit(posted["comment"]["id"], posted["edit_key"], "After it.")

    assert edited.status_code == 202


def test_of_two_who_renew_keys_at_once_one_is_refused(template: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(template, tmp_path / "data")
    first, second = open_in_process(folder), open_in_process(folder)  # both have read the keys

    rotate(first.ours, PURPOSES)

    written_then = (folder / "address.keys").read_text()
    with pytest.raises(BadSetting, match="Another process has just renewed the keys"):
        rotate(second.ours, PURPOSES)
    assert (folder / "address.keys").read_text() == written_then
    assert "missing" not in open_in_process(folder).run("keys", "list")
