"""List, set and lift blocks."""

from __future__ import annotations

from datetime import MAXYEAR, datetime

from commentsvc.access.permissions import require
from commentsvc.actions.moderate import sites_of
from commentsvc.audit.trail import Kind, record
from commentsvc.errors import Forbidden, Invalid, NotFound
from commentsvc.intake.fields import spelling_of_email
from commentsvc.messages import message
from commentsvc.model import Block, BlockAction, BlockKind, Moderator, Permission, Site
from commentsvc.moderation import blocks, unseen
from commentsvc.records import NewBlock
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork


def list_blocks(service: Service, work: UnitOfWork, moderator: Moderator, site: Site | None) -> list[Block]:
    """Give the blocks that this moderator may see.

    :raises Forbidden: the site is not this moderator's.
    """
    return [
        unseen.block_for(moderator, block)
        for block in blocks.visible(work, sites_of(moderator, site), service.address_keys)
    ]


@retried
def add_block(
    service: Service,
    moderator: Moderator,
    site: Site | None,
    *,
    kind: BlockKind,
    value: str,
    action: BlockAction,
    until: datetime | None,
    note: str | None,
) -> Block:
    """Set a block on one site, or on all where none is named.

    :raises Forbidden: the site is not this moderator's, or all sites are not.
    :raises Invalid: the value is none of that kind, or the end has passed.
    """
    site_id = site_id_of_rule(moderator, site)
    errors: dict[str, list[str]] = {}
    try:
        value = blocks.normalised(kind, spelling_of_email(value) if kind is BlockKind.EMAIL else value)
    except ValueError as wrong:
        errors["value"] = [str(wrong)]
    if until is not None and (until.tzinfo is None or until <= service.now() or until.year == MAXYEAR):
        errors["until"] = ["The end must be in the future, with a time zone, such as 2027-01-31T00:00:00Z."]
    if note is not None and len(note) > blocks.LONGEST_NOTE:
        errors["note"] = [f"A note has at most {blocks.LONGEST_NOTE} characters."]
    if errors:
        raise Invalid(errors)
    new = NewBlock(kind, value, action, site_id, until, note)
    with service.unit_of_work() as work:
        public_id = blocks.create(work, new, service.address_keys, service.now().replace(microsecond=0))
        block = work.blocks.by_public_id(public_id)
        assert block is not None  # noqa: S101 - it was made a line above
        # What it is on is left out: it may be an address.
        told = {"kind": str(kind), "action": str(action), "site": block.site}
        record(work, service, moderator.actor, Kind.BLOCK_ADDED, block=public_id, **told)
        return blocks.opened(block, service.address_keys)


def site_id_of_rule(moderator: Moderator, site: Site | None) -> int | None:
    """For which site a moderator sets a block or a rule; None for all sites.

    :raises Forbidden: that is not this moderator's to set.
    """
    require(moderator, Permission.DECIDE)
    if site is not None:
        sites_of(moderator, site)
        return site.id
    if moderator.may_everywhere(Permission.SET_FOR_ALL):
        return None
    if moderator.sites is not None and len(moderator.sites) == 1:
        return next(iter(moderator.sites))
    raise Forbidden(message("Name the site that it is for; what holds for all sites is set by an admin."))


@retried
def lift_block(service: Service, moderator: Moderator, public_id: str) -> None:
    """Lift a block.

    :raises NotFound: no such id among this moderator's sites.
    :raises Forbidden: it is on all sites, and this is no admin; or this one decides nothing.
    """
    require(moderator, Permission.DECIDE)
    with service.unit_of_work() as work:
        block = work.blocks.by_public_id(public_id)
        seen = block is not None and (moderator.sites is None or block.site_id in moderator.sites)
        if block is None or not seen:
            raise NotFound(message("There is no such block."))
        if block.site_id is None and not moderator.may(Permission.SET_FOR_ALL):
            raise Forbidden(message("A block on all sites is lifted by an admin."))
        work.blocks.remove(public_id)
        record(work, service, moderator.actor, Kind.BLOCK_LIFTED, block=public_id)
