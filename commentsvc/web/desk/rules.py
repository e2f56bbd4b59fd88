"""Rules and blocks at the desk: listed, tried, set, switched, and removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.actions import blocks, rules, sites
from commentsvc.actions.rules import MOST_TRIED
from commentsvc.errors import CatchesAll, Invalid, Problem
from commentsvc.http_terms import HTML
from commentsvc.messages import message
from commentsvc.model import BlockAction, CheckMode, Moderator, Permission, Site, Trial
from commentsvc.web import auth, context, problems, urls
from commentsvc.web.descriptions import CURSOR, described
from commentsvc.web.desk import labels, rule_fields
from commentsvc.web.desk.navigation import desk_page
from commentsvc.web.desk.telling import tell
from commentsvc.web.forms import PlainForm
from commentsvc.web.languages import ForReaders, all_errors, named, translated
from commentsvc.web.message_pages import to_sign_in

ruling = ForReaders("ruling", __name__, url_prefix="/moderation/rules")

STALE = message("This page has expired. Please press the button again.")
LISTED = 100  # rules of a page
FORM = {200: HTML, 303: None, 409: HTML, 422: HTML}


@ruling.get("")
@described("The desk", {200: HTML, 303: None}, [CURSOR], refusals=(429,), security=("session",))
def show() -> AnyResponse:
    """The rules of one's sites, and the blocks."""
    moderator = auth.of_session()
    return to_sign_in() if moderator is None else _page(moderator)


@ruling.post("/add")
@described("The desk", FORM, refusals=(403, 429), security=("session",))
def add() -> AnyResponse:
    """Set the rule that was typed, or say on the page why not."""

    def carry_out(moderator: Moderator) -> str:
        sent = request.form
        site = _site(sent.get("site", ""))
        rule = rules.add_rule(
            context.service_to_write(),
            moderator,
            site,
            name=sent.get("name", ""),
            when=rule_fields.when_of(sent),
            outcome=rule_fields.outcome_of(sent),
            mode=rule_fields.mode_of(sent),
            until=rule_fields.until_of(sent),
            note=sent.get("note") or None,
            confirm=bool(sent.get("confirm")),
        )
        return named(labels.RULE_ADDED[rule.mode], name=rule.name)

    return _carried_out(carry_out, typed=True)


@ruling.post("/try")
@described("The desk", FORM, refusals=(403, 429), security=("session",))
def try_typed() -> AnyResponse:
    """Show what the rule that was typed would have caught."""

    def look(moderator: Moderator) -> Trial:
        site, when = _site(request.form.get("site", "")), rule_fields.when_of(request.form)
        return rules.try_rule(context.service(), context.reading(), moderator, site, when, MOST_TRIED)

    return _tried(look, typed=True)


@ruling.post("/<rule>/try")
@described("The desk", FORM, refusals=(403, 429), security=("session",))
def try_stored(rule: str) -> AnyResponse:
    """Show what a rule that there is would have caught."""
    return _tried(
        lambda moderator: rules.try_stored_rule(
            context.service(), context.reading(), moderator, rule, MOST_TRIED
        )
    )


@ruling.post("/<rule>/change")
@described("The desk", FORM, refusals=(403, 429), security=("session",))
def change(rule: str) -> AnyResponse:
    """Switch a rule, or change its end and its note."""

    def carry_out(moderator: Moderator) -> str:
        sent = request.form
        changes: dict[str, Any] = {
            "mode": rule_fields.mode_of(sent),
            "until": rule_fields.until_of(sent),
            "note": sent.get("note") or None,
        }
        if sent.get("until", "") == sent.get("until_before", ""):
            del changes["until"]  # its time of day is not shown, and stays
        changed = rules.change_rule(
            context.service_to_write(), moderator, rule, changes, confirm=bool(sent.get("confirm"))
        )
        return named(labels.RULE_CHANGED[changed.mode], name=changed.name)

    return _carried_out(carry_out, confirm=rule)


@ruling.post("/<rule>/remove")
@described("The desk", FORM, refusals=(403, 429), security=("session",))
def remove(rule: str) -> AnyResponse:
    """Remove a rule."""

    def carry_out(moderator: Moderator) -> str:
        rules.remove_rule(context.service_to_write(), moderator, rule)
        return message("Removed the rule.")

    return _carried_out(carry_out)


@ruling.post("/blocks/<block>/lift")
@described("The desk", FORM, refusals=(403, 429), security=("session",))
def lift(block: str) -> AnyResponse:
    """Lift a block."""

    def carry_out(moderator: Moderator) -> str:
        blocks.lift_block(context.service_to_write(), moderator, block)
        return message("Lifted the block.")

    return _carried_out(carry_out)


def _carried_out(
    carry_out: Callable[[Moderator], str], *, typed: bool = False, confirm: str | None = None
) -> AnyResponse:
    """Do what a button asks for, and show the page; where it is refused, with what was typed.

    :param confirm: the rule beside which is asked whether that is meant.
    """
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    if not PlainForm().validate():
        return _page(moderator, Invalid({"form": [STALE]}), typed=typed)
    try:
        tell(carry_out(moderator))
    except Problem as refused:
        return _page(moderator, refused, typed=typed, confirm=confirm)
    return redirect(urls.rules(), 303)


def _tried(look: Callable[[Moderator], Trial], *, typed: bool = False) -> AnyResponse:
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    if not PlainForm().validate():
        return _page(moderator, Invalid({"form": [STALE]}), typed=typed)
    try:
        return _page(moderator, trial=look(moderator), typed=typed)
    except Problem as refused:
        return _page(moderator, refused, typed=typed)


def _page(
    moderator: Moderator,
    refused: Problem | None = None,
    *,
    trial: Trial | None = None,
    typed: bool = False,
    confirm: str | None = None,
) -> Response:
    context.end_reading()  # what was changed is seen
    service, work = context.service(), context.reading()
    try:
        listed, following = rules.list_rules(
            service, work, moderator, None, LISTED, request.args.get("cursor")
        )
    except Invalid as wrong:
        listed, following, refused = [], None, wrong
    response = desk_page(
        "desk/rules.html",
        moderator,
        "/rules",
        rules=[(rule, rule_fields.fields_of(rule.when)) for rule in listed],
        blocks=blocks.list_blocks(service, work, moderator, None),
        sites=[site.slug for site in sites.all_sites(service, work) if moderator.may_see(site.id)],
        is_for_all=moderator.may_everywhere(Permission.SET_FOR_ALL),
        may_decide=moderator.may(Permission.DECIDE),
        may_be=_fields(),
        typed=request.form if typed else {},
        sent=request.form,
        trial=trial,
        refusal=_said(refused),
        confirm=confirm or typed if isinstance(refused, CatchesAll) else None,
        next_page=f"{urls.rules()}?cursor={following}" if following else None,
    )
    if refused is not None:
        response.status_code = problems.status_of(refused)
    return response


def _fields() -> dict[str, Any]:
    """What the form of a new rule is made of."""
    return {
        "lists": rule_fields.LISTS,
        "numbers": rule_fields.NUMBERS,
        "texts": rule_fields.TEXTS,
        "outcomes": [BlockAction.HOLD, BlockAction.SPAM, BlockAction.REJECT],
        "modes": [CheckMode.WATCHING, CheckMode.ON, CheckMode.OFF],
    }


def _said(refused: Problem | None) -> str | None:
    if isinstance(refused, CatchesAll):
        return translated(
            message(
                "This rule would have caught all of the last comments. If that is meant, confirm it, and press once more."
            )
        )
    if isinstance(refused, Invalid):
        return all_errors(refused)
    return None if refused is None else translated(refused.detail)


def _site(slug: str) -> Site | None:
    return sites.site_of(context.service(), context.reading(), slug) if slug else None
