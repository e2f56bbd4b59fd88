"""Keys are renewed beside a running service, and the job that seals addresses again survives a kill."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.command_line import typed
from tests.running_service import Live, serving

pytestmark = pytest.mark.slow
MANY = 60


def states(live: Live) -> dict[str, str]:
    """What `keys list` says of each key that has a name."""
    lines = [line.split(maxsplit=2) for line in live.run("keys", "list").splitlines()]
    return {name: state for _, name, state in lines if name != "-"}


def wait_until_no_longer_needed(live: Live, key: str) -> None:
    until = time.monotonic() + 60
    while states(live).get(key) != "no longer needed":
        assert time.monotonic() < until, states(live)
        time.sleep(0.1)


@pytest.mark.soak
@pytest.mark.parametrize(
    "killed", [False, pytest.param(True, marks=pytest.mark.soak)]
)  # its lease is ten seconds
def test_posts_go_on_and_a_killed_job_goes_on(tmp_path: Path, killed: bool) -> None:
    folder = tmp_path / "data"
    with serving(folder, "--workers", "2") as live:
        reader = live.reader()
        before = reader.posted("a", "Before it all.")
        reader.author_key = before["author_key"]
        for number in range(MANY):
            reader.comment("a", f"Number {number}.")
        live.run("keys", "rotate")
        reader.comment("a", "Between the command and the restart.")
        assert states(live)["k1"] == "here"
        assert live.stop() == 0

    if killed:
        with serving(folder, "--workers", "2") as live:
            live.kill()  # the job is on its way, or has not begun

    with serving(folder, "--workers", "2") as live:
        reader = live.reader(author_key=before["author_key"])
        reader.comment("a", "After the restart.")
        assert reader.edit(before["comment"]["id"], before["edit_key"], "Edited since.").status_code == 200
        wait_until_no_longer_needed(live, "k1")
        found = live.moderator().queue(email="ADA@paper.example", limit="200")
        assert len(found) == MANY + 3
        assert {one["email"] for one in found} == {"ada@paper.example"}
        assert live.stop() == 0
    assert typed("doctor", "--deep", data_dir=folder).exit_code == 0
