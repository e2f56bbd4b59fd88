"""Seal stored addresses again under newer keys; begins by itself at the first start that uses such keys."""

from __future__ import annotations

from commentsvc.actions import keys, reseal
from commentsvc.jobs.kind import Arguments, Store
from commentsvc.model import Job, JobStep
from commentsvc.records import Holder
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork


class Reseal:
    """One pass over all addresses, of comments, blocks, rules and reports, over the secrets of authenticator apps, and over networks; a further one, where it sealed any.

    The cursor has at which `holder` it is, the `row` behind which the next step looks, whether any was
    `stored` in this pass, and whether one was `stuck`: sealed by a key that is here, and not to be opened.
    A pass that stored none is the last; where none was stuck, the older keys are needed no longer.
    """

    name = "reseal"
    every = None

    def arguments(self, service: Service) -> Arguments:
        """The keys under which addresses are to be sealed and found."""
        return {"keys": service.address_keys.fingerprint()}

    def is_needed(self, service: Service) -> bool:
        """Whether older keys may have sealed any."""
        with service.reading() as work:
            return keys.is_replaced(service, work)

    def fits(self, service: Service, arguments: Arguments) -> bool:
        """Whether this service uses those keys."""
        return bool(arguments["keys"] == service.address_keys.fingerprint())

    def count(self, service: Service, job: Job) -> int:
        """How many addresses there are: the most that can be sealed again."""
        with service.reading() as work:
            return work.addresses.count()

    def step(self, service: Service, job: Job) -> Store:
        """Seal some."""
        cursor = job.cursor
        holder = Holder(cursor.get("holder", 0))
        with service.reading() as work:
            rows = reseal.find(work, holder, cursor.get("row", 0))
        resealed, stuck = reseal.seal_again(service, rows)

        def store(work: UnitOfWork) -> JobStep:
            if not keys.is_newest(service, work):
                return JobStep(0, cursor, finished=True)  # another node uses newer ones, and does all of it
            stored = reseal.store(work, holder, resealed)
            so_far = {
                "stored": stored > 0 or bool(cursor.get("stored")),
                "stuck": stuck or bool(cursor.get("stuck")),
            }
            if rows:
                place = {"holder": holder.value, "row": rows[-1].row_id}
                return JobStep(stored, place | so_far, finished=False)
            if holder is not list(Holder)[-1]:
                return JobStep(0, {"holder": holder.value + 1, "row": 0, **so_far}, finished=False)
            if so_far["stored"]:
                return JobStep(0, {}, finished=False)
            if not so_far["stuck"]:
                keys.retire_older(service, work)
            return JobStep(0, so_far, finished=True)

        return store
