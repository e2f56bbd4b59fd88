"""The kinds of jobs there are, by name."""

from __future__ import annotations

from commentsvc.jobs.close import Close
from commentsvc.jobs.decide import DECIDE
from commentsvc.jobs.figures import CountDecisions
from commentsvc.jobs.index import Index
from commentsvc.jobs.kind import Kind
from commentsvc.jobs.merge import MERGE
from commentsvc.jobs.rerender import Rerender
from commentsvc.jobs.reseal import Reseal
from commentsvc.jobs.retain import Retain
from commentsvc.jobs.sweep import Sweep

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (Close(), CountDecisions(), DECIDE, Index(), MERGE, Rerender(), Reseal(), Retain(), Sweep())
}

NEEDED_IN_TIME = (Close.name,)
"""Those that may come to be needed as time goes by: a runner looks for that again and again."""
