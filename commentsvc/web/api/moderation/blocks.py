"""Blocks: set, listed and lifted."""

from __future__ import annotations

from datetime import datetime

from flask import Response
from msgspec import Struct

from commentsvc.actions import blocks
from commentsvc.actions.sites import site_of
from commentsvc.model import Block, BlockAction, BlockKind
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import ANY_SITE, MODERATION, described
from commentsvc.web.moderation import site_if_named
from commentsvc.web.responses import uncacheable
from commentsvc.web.schemas import (
    Blocks,
    private_json,
)


class BlockRequest(Struct):
    """A block to set; without a site it holds for all."""

    kind: BlockKind
    value: str
    action: BlockAction
    site: str | None = None
    until: datetime | None = None
    note: str | None = None


@moderating.get("/blocks")
@described(answers={200: Blocks}, parameters=[ANY_SITE], refusals=(403, 404, 429), **MODERATION)
def list_blocks() -> Response:
    """The blocks of this moderator's sites."""
    moderator = auth.of_request()
    return private_json(
        Blocks(blocks.list_blocks(context.service(), context.reading(), moderator, site_if_named()))
    )


@moderating.post("/blocks")
@described(answers={201: Block}, request=BlockRequest, refusals=(400, 403, 404, 415, 422, 429), **MODERATION)
def add_block() -> Response:
    """Set a block."""
    moderator = auth.of_request()
    body = parameters.json_as(BlockRequest)
    site = site_of(context.service(), context.reading(), body.site) if body.site else None
    block = blocks.add_block(
        context.service_to_write(),
        moderator,
        site,
        kind=body.kind,
        value=body.value,
        action=body.action,
        until=body.until,
        note=body.note,
    )
    return private_json(block, 201)


@moderating.delete("/blocks/<block>")
@described(answers={204: None}, refusals=(403, 404, 429), **MODERATION)
def lift_block(block: str) -> Response:
    """Lift a block."""
    moderator = auth.of_request()
    blocks.lift_block(context.service_to_write(), moderator, block)
    return uncacheable(Response(status=204))
