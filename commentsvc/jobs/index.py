"""Let searches find comments that are not folded yet; begins by itself at a start where there are such."""

from __future__ import annotations

from commentsvc.jobs.kind import Arguments, Store
from commentsvc.model import Job, JobStep
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

MOST = 300  # comments of one step: 30 ms, most of which SQLite takes for its index


class Index:
    """Comments that are older than the index of words, and those that an older program wrote since."""

    name = "index"
    every = None

    def arguments(self, service: Service) -> Arguments:
        """None: it is the same for every version."""
        return {}

    def is_needed(self, service: Service) -> bool:
        """Whether any comment is not folded."""
        with service.reading() as work:
            return work.search.is_missing_any()

    def fits(self, service: Service, arguments: Arguments) -> bool:
        """Always."""
        return True

    def count(self, service: Service, job: Job) -> int:
        """How many are not."""
        with service.reading() as work:
            return work.search.count_missing()

    def step(self, service: Service, job: Job) -> Store:
        """Fold some. It is done where they are locked: an edit in between would not be found."""

        def store(work: UnitOfWork) -> JobStep:
            folded = work.search.add_missing(MOST)
            return JobStep(folded, {}, finished=folded == 0)

        return store
