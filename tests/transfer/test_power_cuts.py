"""An import that was ended comes to the same end when it is run again."""

from __future__ import annotations

import pytest

from commentsvc.transfer import importing
from tests.command_line import examined
from tests.conftest import MakeService
from tests.transfer.imports import PowerCut, Watcher, comment, imported, outline, thread


def test_ended_at_any_time_it_comes_to_the_same_end(
    make_service: MakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long threads are written in parts; whatever was, the next run adds the rest in its place."""
    for bound in ("FEWEST", "FIRST", "MOST"):
        monkeypatch.setattr(importing, bound, 4)
    export = [thread(), thread("/cups/")]
    export += [comment(str(n), str(n // 2) if n > 1 else None) for n in range(1, 30)]
    export += [comment(str(n), thread="/cups/") for n in range(1, 6)]
    whole = make_service()
    imported(whole, *export)

    cut = make_service()
    for ends_at in (1, 9, 22):
        with pytest.raises(PowerCut):
            imported(cut, *export, watcher=Watcher(ends_at=ends_at - 1))
        assert examined(cut)[0] == 0
    last = imported(cut, *export)

    assert last["added"] + last["already"] == 34
    assert last["already"] > 0
    for article in ("/tea/", "/cups/"):
        assert outline(cut, article) == outline(whole, article)
    assert examined(cut)[0] == 0
