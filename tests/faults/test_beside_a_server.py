"""A command of the operator's beside a server: neither takes the other's database away."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.running_service import serving
from tests.slow_clients import HASTY, HASTY_SECONDS

pytestmark = pytest.mark.slow


@pytest.mark.soak
def test_nothing_is_lost_however_long_the_server_ran_before(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, program=("-c", HASTY)) as live:
        reader = live.reader()
        reader.comment("a", "Before.")
        time.sleep(HASTY_SECONDS / 2)  # it looked at its connections, more than once

        live.moderator()  # by a command that opens the database, writes to it and closes it
        reader.comment("a", "Between.")
        live.moderator()
        reader.comment("a", "After.")
        assert reader.texts("a") == ["Before.", "Between.", "After."]
        live.kill()

    with serving(data) as live:
        assert live.reader().texts("a") == ["Before.", "Between.", "After."]
