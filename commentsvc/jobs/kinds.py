"""The kinds of jobs there are, by name."""

from __future__ import annotations

from commentsvc.jobs.figures import CountDecisions
from commentsvc.jobs.kind import Kind
from commentsvc.jobs.rerender import Rerender
from commentsvc.jobs.reseal import Reseal
from commentsvc.jobs.sweep import Sweep

KINDS: dict[str, Kind] = {kind.name: kind for kind in (CountDecisions(), Rerender(), Reseal(), Sweep())}
