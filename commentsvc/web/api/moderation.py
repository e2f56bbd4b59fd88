"""The moderation API: for programs with an API token, and for sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from flask import Blueprint, Response, request
from msgspec import UNSET, Meta, Struct, UnsetType
from werkzeug.datastructures import MultiDict

from commentsvc.actions import accounts, audit, blocks, moderate
from commentsvc.actions import decide as deciding
from commentsvc.actions.decide import LONGEST_REASON, MAX_DECIDED
from commentsvc.actions.sites import site_of
from commentsvc.actions.undo import undo
from commentsvc.audit.trail import Kind
from commentsvc.errors import Invalid
from commentsvc.model import Action, Block, BlockAction, BlockKind, Order, Seen, State, ThreadFacts
from commentsvc.moderation.named_requests import Named
from commentsvc.unicode_text import has_surrogate
from commentsvc.web import auth, context, parameters
from commentsvc.web.descriptions import ANY_SITE, ARTICLE, CURSOR, LIMIT, MODERATION, described, query
from commentsvc.web.moderation import article_of, queue_request, site_if_named
from commentsvc.web.responses import uncacheable
from commentsvc.web.schemas import (
    AuditLog,
    AuditTrail,
    Blocks,
    DecisionsAnswer,
    Queue,
    Sessions,
    StateCounts,
    UndoAnswer,
    private_json,
)

moderating = Blueprint("moderating", __name__, url_prefix="/api/v1/moderation")


class SeenComment(Struct):
    """A comment as it was read; where it has changed since, it is a conflict and is not decided about."""

    id: str
    revision: int | None = None
    state: State | None = None


class DecisionRequest(Struct):
    """One decision: on up to 200 comments (`ids`), or on all of an author (`author`, up to 1,000)."""

    action: Action
    ids: Annotated[list[str | SeenComment], Meta(min_length=1, max_length=MAX_DECIDED)] | UnsetType = UNSET
    author: str | UnsetType = UNSET
    reason: Annotated[str, Meta(max_length=LONGEST_REASON)] | None = None
    decision_id: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class UndoRequest(Struct):
    """Decisions to undo, by their ids."""

    decisions: Annotated[list[str], Meta(min_length=1, max_length=MAX_DECIDED)]


class SearchRequest(Struct):
    """Which comments to list: the same fields as the query of that list has."""

    state: list[State] | State | None = None
    site: str | None = None
    article: str | None = None
    q: str | None = None
    email: str | None = None
    email_of: str | None = None
    author: str | None = None
    check: str | None = None
    links: bool | Literal["0", "1"] | None = None
    since: str | None = None
    until: str | None = None
    order: Order | None = None
    limit: int | None = None
    cursor: str | None = None


class ThreadRequest(Struct):
    """What a moderator changes of a thread; what is left out stays."""

    article: str
    site: str | None = None
    open: bool | UnsetType = UNSET
    title: str | UnsetType | None = UNSET
    url: str | UnsetType | None = UNSET


class BlockRequest(Struct):
    """A block to set; without a site it holds for all."""

    kind: BlockKind
    value: str
    action: BlockAction
    site: str | None = None
    until: datetime | None = None
    note: str | None = None


@moderating.get("/comments")
@described(
    answers={200: Queue},
    parameters=[
        query("state", {"type": "array", "items": {"enum": list(State)}}, "All states unless named."),
        ANY_SITE,
        ARTICLE | {"required": False},
        query("q", {"type": "string"}, "In the text or the name."),
        query("email", {"type": "string"}, "Exactly this address, in any case; better sent to /search."),
        query("email_of", {"type": "string"}, "A comment: all that came from its address."),
        query("author", {"type": "string"}, "An author id: all with that author key."),
        query("check", {"type": "string"}, "The name of a check that found something."),
        query("links", {"const": "1"}, "Those with links alone."),
        query("since", {"type": "string", "format": "date-time"}, "Posted then or later."),
        query("until", {"type": "string", "format": "date-time"}, "Posted before that."),
        query("order", {"enum": list(Order), "default": Order.OLDEST}, "Of all, by when they came in."),
        LIMIT,
        CURSOR,
    ],
    refusals=(403, 404, 422, 429),
    **MODERATION,
)
def comments() -> Response:
    """A page of comments as their moderators see them."""
    moderator = auth.of_request()
    asked = queue_request(parameters.query())
    page, next_cursor = moderate.list_queue(context.service(), context.reading(), moderator, asked)
    return private_json(Queue(page, next_cursor))


@moderating.post("/comments/search")
@described(
    answers={200: Queue},
    request=SearchRequest,
    refusals=(400, 403, 404, 415, 422, 429),
    **MODERATION,
)
def search() -> Response:
    """The same list, asked for by JSON: an e-mail address that is looked for stands in no address of a page."""
    moderator = auth.of_request()
    asked = queue_request(_asked(parameters.json_object()))
    page, next_cursor = moderate.list_queue(context.service(), context.reading(), moderator, asked)
    return private_json(Queue(page, next_cursor))


@moderating.post("/decisions")
@described(
    answers={200: DecisionsAnswer},
    request=DecisionRequest,
    refusals=(400, 403, 415, 422, 429),
    **MODERATION,
)
def decide() -> Response:
    """Carry out a decision."""
    moderator = auth.of_request()
    body = _body(DecisionRequest)
    if (body.ids is UNSET) is (body.author is UNSET):
        raise Invalid({"body": ["Name either the ids, or the author whose comments are all meant."]})
    named = None
    if body.decision_id is not None:
        named = Named(body.decision_id, msgspec.json.encode(body))
    if body.ids is UNSET:
        done = deciding.decide_author(
            context.service_to_write(), moderator, body.author, body.action, body.reason, named
        )
        return private_json(DecisionsAnswer(done.decided, done.missing))
    seen = [Seen(one) if isinstance(one, str) else Seen(one.id, one.revision, one.state) for one in body.ids]
    done = deciding.decide(context.service_to_write(), moderator, seen, body.action, body.reason, named)
    says_what_was_seen = any(isinstance(one, SeenComment) for one in body.ids)
    return private_json(
        DecisionsAnswer(done.decided, done.missing, done.conflicts if says_what_was_seen else UNSET)
    )


@moderating.post("/decisions/undo")
@described(
    answers={200: UndoAnswer},
    request=UndoRequest,
    refusals=(400, 403, 415, 422, 429),
    **MODERATION,
)
def undo_decisions() -> Response:
    """Undo decisions: each comment is in the state of before, unless a later decision stands."""
    moderator = auth.of_request()
    done = undo(context.service_to_write(), moderator, _body(UndoRequest).decisions)
    return private_json(UndoAnswer(done.undone, done.refused))


@moderating.get("/counts")
@described(answers={200: StateCounts}, parameters=[ANY_SITE], refusals=(403, 404, 429), **MODERATION)
def state_counts() -> Response:
    """How many comments are in each state: exact, and as fast for many as for few."""
    moderator = auth.of_request()
    counted = moderate.count_states(context.reading(), moderator, site_if_named())
    return private_json(StateCounts(**counted))


@moderating.get("/decisions")
@described(
    answers={200: AuditLog},
    parameters=[ANY_SITE, query("comment", {"type": "string"}, "Of one comment alone."), LIMIT, CURSOR],
    refusals=(403, 404, 422, 429),
    **MODERATION,
)
def audit_log() -> Response:
    """A page of the audit log."""
    moderator = auth.of_request()
    page, next_cursor = moderate.audit_log(
        context.service(),
        context.reading(),
        moderator,
        site_if_named(),
        request.args.get("comment"),
        parameters.limit(50),
        request.args.get("cursor"),
    )
    return private_json(AuditLog(page, next_cursor))


@moderating.patch("/thread")
@described(
    answers={200: ThreadFacts},
    request=ThreadRequest,
    refusals=(400, 403, 404, 415, 422, 429),
    **MODERATION,
)
def change_thread() -> Response:
    """Open or close a thread, or set its title and address."""
    moderator = auth.of_request()
    body = _body(ThreadRequest)
    service = context.service()
    article = article_of(body.article)
    named = {"open": body.open, "title": body.title, "url": body.url}
    changes = {name: value for name, value in named.items() if value is not UNSET}
    site = site_of(service, context.reading(), body.site)
    return private_json(moderate.change_thread(context.service_to_write(), moderator, site, article, changes))


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
    body = _body(BlockRequest)
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


@moderating.get("/audit")
@described(
    answers={200: AuditTrail},
    parameters=[query("kind", {"enum": list(Kind)}, "Of this kind alone."), LIMIT, CURSOR],
    refusals=(403, 422, 429),
    **MODERATION,
)
def audit_trail() -> Response:
    """A page of the audit trail: sign-ins, people, tokens, sites, blocks and threads; comments are in /decisions."""
    moderator = auth.of_request()
    page, next_cursor = audit.read_trail(
        context.service(),
        context.reading(),
        moderator,
        request.args.get("kind") or None,
        parameters.limit(50),
        request.args.get("cursor") or None,
    )
    return private_json(AuditTrail(page, next_cursor))


@moderating.get("/sessions")
@described("Moderating", {200: Sessions}, refusals=(403, 429), security=("session",))
def list_sessions() -> Response:
    """One's own sessions; a program has none."""
    who = auth.person_of_request()
    return private_json(Sessions(accounts.list_sessions(context.service(), context.reading(), who), None))


@moderating.delete("/sessions/<session>")
@described("Moderating", {204: None}, refusals=(403, 404, 429), security=("session",))
def end_session(session: str) -> Response:
    """End one of one's own sessions."""
    who = auth.person_of_request()
    accounts.end_session(context.service_to_write(), who, session)
    return uncacheable(Response(status=204))


def _asked(sent: dict[str, Any]) -> MultiDict[str, str]:
    """The fields of a JSON object as a query has them.

    :raises Invalid: one is neither text nor a number, nor a list of texts.
    """
    asked: MultiDict[str, str] = MultiDict()
    for name, value in sent.items():
        values = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(one, str | int) and not has_surrogate(str(one)) for one in values):
            raise Invalid({name: ["This must be text, a number or a list of texts."]})
        asked.setlist(name, [str(int(one)) if isinstance(one, bool) else str(one) for one in values])
    return asked


def _body(shape: Any) -> Any:
    try:
        return msgspec.convert(parameters.json_object(), shape)
    except msgspec.ValidationError as why:
        said, _, place = str(why).partition(" - at `$")
        field = place.strip(".`").partition("[")[0].partition(".")[0] or "body"
        raise Invalid({field: [said + "."]}) from None
