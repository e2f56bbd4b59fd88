"""The moderation API's rules: kept, and tried before they are switched on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from flask import Response, request
from msgspec import UNSET, Meta, Struct, UnsetType

from commentsvc.actions import rules
from commentsvc.actions.rules import MOST_TRIED
from commentsvc.actions.sites import site_of
from commentsvc.model import BlockAction, CheckMode, Rule, Site, Trial, When
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import ANY_SITE, CURSOR, LIMIT, MODERATION, described
from commentsvc.web.moderation import site_if_named
from commentsvc.web.responses import uncacheable
from commentsvc.web.schemas import Rules, private_json


class RuleRequest(Struct):
    """A rule to set; without a site it holds for all. `confirm`: that it catches everything is meant."""

    name: str
    when: When
    outcome: BlockAction
    mode: CheckMode
    site: str | None = None
    until: datetime | None = None
    note: str | None = None
    confirm: bool = False


class RuleChange(Struct):
    """What changes of a rule; what is left out stays."""

    name: str | UnsetType = UNSET
    when: When | UnsetType = UNSET
    outcome: BlockAction | UnsetType = UNSET
    mode: CheckMode | UnsetType = UNSET
    site: str | UnsetType | None = UNSET
    until: datetime | UnsetType | None = UNSET
    note: str | UnsetType | None = UNSET
    confirm: bool = False


class TriedRule(Struct):
    """A rule to try; of what a rule has, its conditions and its site count alone."""

    when: When
    site: str | None = None


class TrialRequest(Struct):
    """A rule, or the id of one, and on how many of the last comments of its sites it is tried."""

    rule: TriedRule | str
    last: Annotated[int, Meta(ge=1, le=MOST_TRIED)] = MOST_TRIED


@moderating.get("/rules")
@described(
    answers={200: Rules},
    parameters=[ANY_SITE, LIMIT, CURSOR],
    refusals=(403, 404, 422, 429),
    **MODERATION,
)
def list_rules() -> Response:
    """A page of the rules of this moderator's sites, oldest first."""
    moderator = auth.of_request()
    page, next_cursor = rules.list_rules(
        context.service(),
        context.reading(),
        moderator,
        site_if_named(),
        parameters.limit(50),
        request.args.get("cursor") or None,
    )
    return private_json(Rules(page, next_cursor))


@moderating.get("/rules/<rule>")
@described(answers={200: Rule}, refusals=(403, 404, 429), **MODERATION)
def read_rule(rule: str) -> Response:
    """One rule."""
    moderator = auth.of_request()
    return private_json(rules.read_rule(context.service(), context.reading(), moderator, rule))


@moderating.post("/rules")
@described(
    answers={201: Rule}, request=RuleRequest, refusals=(400, 403, 404, 409, 415, 422, 429), **MODERATION
)
def add_rule() -> Response:
    """Set a rule: comments that it catches wait, are spam, or are rejected, or it watches what it would do."""
    moderator = auth.of_request()
    body = parameters.json_as(RuleRequest)
    site = _site(body.site)
    rule = rules.add_rule(
        context.service_to_write(),
        moderator,
        site,
        name=body.name,
        when=body.when,
        outcome=body.outcome,
        mode=body.mode,
        until=body.until,
        note=body.note,
        confirm=body.confirm,
    )
    return private_json(rule, 201)


@moderating.patch("/rules/<rule>")
@described(
    answers={200: Rule}, request=RuleChange, refusals=(400, 403, 404, 409, 415, 422, 429), **MODERATION
)
def change_rule(rule: str) -> Response:
    """Change a rule, switch it on or off; `when` is given as a whole."""
    moderator = auth.of_request()
    body = parameters.json_as(RuleChange)
    named = ("name", "when", "outcome", "mode", "until", "note")
    changes: dict[str, Any] = {
        name: getattr(body, name) for name in named if getattr(body, name) is not UNSET
    }
    if body.site is not UNSET:
        changes["site"] = _site(body.site)
    return private_json(
        rules.change_rule(context.service_to_write(), moderator, rule, changes, confirm=body.confirm)
    )


@moderating.delete("/rules/<rule>")
@described(answers={204: None}, refusals=(403, 404, 429), **MODERATION)
def remove_rule(rule: str) -> Response:
    """Remove a rule."""
    moderator = auth.of_request()
    rules.remove_rule(context.service_to_write(), moderator, rule)
    return uncacheable(Response(status=204))


@moderating.post("/rules/try")
@described(answers={200: Trial}, request=TrialRequest, refusals=(400, 403, 404, 415, 422, 429), **MODERATION)
def try_rule() -> Response:
    """What a rule would have caught of the last comments; nothing is changed."""
    moderator = auth.of_request()
    body = parameters.json_as(TrialRequest)
    service, tried = context.service(), body.rule
    if isinstance(tried, str):
        return private_json(rules.try_stored_rule(service, context.reading(), moderator, tried, body.last))
    site = _site(tried.site)
    return private_json(rules.try_rule(service, context.reading(), moderator, site, tried.when, body.last))


def _site(slug: str | None) -> Site | None:
    return site_of(context.service(), context.reading(), slug) if slug else None
