"""Bring the HTML of stored comments up to newer rules; begins by itself at a start after `RULES` was raised."""

from __future__ import annotations

from commentsvc.actions import rerender
from commentsvc.jobs.kind import Arguments, Store
from commentsvc.model import Job, JobStep
from commentsvc.publishing.sanitise import RULES
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork


class Rerender:
    """One pass over all that is outdated; a further one, where a node with older rules added to it during the pass.

    The cursor has the position behind which the next step looks, how many comments `differ` so far, and
    whether any was `stored` in this pass: one that stored none is the last.
    """

    name = "rerender"
    every = None

    def arguments(self, service: Service) -> Arguments:
        """The rules to bring comments up to."""
        return {"rules": RULES}

    def is_needed(self, service: Service) -> bool:
        """Whether any comment is outdated."""
        with service.reading() as work:
            return rerender.is_needed(work)

    def fits(self, service: Service, arguments: Arguments) -> bool:
        """Whether this program has those rules, or newer ones."""
        return bool(arguments["rules"] <= RULES)

    def count(self, service: Service, job: Job) -> int:
        """How many comments are outdated."""
        with service.reading() as work:
            return rerender.count_outdated(work)

    def step(self, service: Service, job: Job) -> Store:
        """Render some."""
        cursor = job.cursor
        with service.reading() as work:
            outdated = rerender.find_outdated(work, (cursor.get("rules", -1), cursor.get("row", 0)))
        rendered = rerender.render_outdated(outdated)

        def store(work: UnitOfWork) -> JobStep:
            stored, differ = rerender.store_rendered(work, service, rendered)
            differ += cursor.get("differ", 0)
            if not rendered:
                return JobStep(0, {"differ": differ}, finished=not cursor.get("stored"))
            last = rendered[-1].comment
            position = {"rules": last.rules, "row": last.id}
            return JobStep(
                stored,
                position | {"differ": differ, "stored": stored > 0 or cursor.get("stored", False)},
                finished=False,
            )

        return store
