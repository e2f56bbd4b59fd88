"""What the desk calls the values of the contract: the one table of states, buttons, checks, roles and the like.

Templates say one by `labels.STATES[state]|translated`. The values themselves are the same in every language.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask

from commentsvc.messages import Message, message
from commentsvc.model import (
    Action,
    BlockAction,
    BlockKind,
    CheckMode,
    HookEvent,
    JobState,
    MessageState,
    Outcome,
    ReportReason,
    Role,
    Scope,
    State,
    WaitingMail,
)

Labels = dict[str, Message]


def install(app: Flask) -> None:
    """Let the templates of *app* read this table."""
    app.jinja_env.globals["labels"] = sys.modules[__name__]


# As a heading, and as the name of a list.
STATES: Labels = {
    State.PENDING: message("Pending"),
    State.APPROVED: message("Approved"),
    State.SPAM: message("Spam"),
    State.TRASH: message("Trash"),
}
# Within a line of text.
STATES_WITHIN: Labels = {
    State.PENDING: message("pending"),
    State.APPROVED: message("approved"),
    State.SPAM: message("spam"),
    State.TRASH: message("trash"),
}
# As the figures of a day call them.
STATES_OF_DAY: Labels = STATES | {State.PENDING: message("Waiting")}

# What was done, in the log and in the figures; where a rule judged what came in, the log has the state.
DEEDS: Labels = STATES_WITHIN | {
    Action.APPROVE: message("approve"),
    Action.HOLD: message("hold"),
    Action.PURGE: message("purge"),
    "undo": message("undo"),
    "objection": message("objection"),
    "rule": message("rule"),
}


@dataclass(frozen=True, slots=True)
class Button:
    """A button that decides: where it leads, and what it is called beside one comment, an author, and many."""

    action: Action
    leads_to: State
    label: Message
    of_one: Message
    of_author: Message
    of_chosen: Message
    of_all: Message
    all: Message


BUTTONS = (
    Button(
        Action.APPROVE,
        State.APPROVED,
        message("Approve"),
        message("Approve the comment of %(name)s"),
        message("Approve all comments of %(name)s"),
        message("Approve the selected comments"),
        message("Approve all that match"),
        message("Approve all"),
    ),
    Button(
        Action.HOLD,
        State.PENDING,
        message("Hold"),
        message("Hold the comment of %(name)s"),
        message("Hold all comments of %(name)s"),
        message("Hold the selected comments"),
        message("Hold all that match"),
        message("Hold all"),
    ),
    Button(
        Action.SPAM,
        State.SPAM,
        message("Spam"),
        message("Spam the comment of %(name)s"),
        message("Spam all comments of %(name)s"),
        message("Spam the selected comments"),
        message("Spam all that match"),
        message("Spam all"),
    ),
    Button(
        Action.TRASH,
        State.TRASH,
        message("Trash"),
        message("Trash the comment of %(name)s"),
        message("Trash all comments of %(name)s"),
        message("Trash the selected comments"),
        message("Trash all that match"),
        message("Trash all"),
    ),
)

# What a button did.
DONE: Labels = {
    Action.APPROVE: message("Approved."),
    Action.HOLD: message("Held."),
    Action.SPAM: message("Marked as spam."),
    Action.TRASH: message("Moved to the trash."),
}

CHECKS: Labels = {
    "mode": message("mode"),
    "first-comment": message("first-comment"),
    "rules": message("rules"),
    "link-only": message("link-only"),
    "links": message("links"),
    "repeated": message("repeated"),
    "honeypot": message("honeypot"),
    "blocks": message("blocks"),
    "reports": message("reports"),
    "redaction": message("redaction"),
    "staff": message("Staff"),
}  # those of other packages are called by their names
WOULD_HAVE: Labels = {
    Outcome.HOLD: message("would have held:"),
    Outcome.SPAM: message("would have marked as spam:"),
    Outcome.REJECT: message("would have rejected:"),
}
REPORTED: Labels = {
    ReportReason.SPAM: message("Reported: Spam"),
    ReportReason.ABUSE: message("Reported: Abuse"),
    ReportReason.ILLEGAL: message("Reported: Against the law"),
    ReportReason.OTHER: message("Reported: Something else"),
}

MODES: Labels = {
    CheckMode.OFF: message("off"),
    CheckMode.WATCHING: message("watching"),
    CheckMode.ON: message("on"),
}
MODES_EXPLAINED: Labels = MODES | {
    CheckMode.WATCHING: message("watching: only says what it would have done"),
}
RULE_ADDED: Labels = {
    CheckMode.OFF: message("Added the rule “%(name)s”: it is off."),
    CheckMode.WATCHING: message("Added the rule “%(name)s”: it is watching."),
    CheckMode.ON: message("Added the rule “%(name)s”: it is on."),
}
RULE_CHANGED: Labels = {
    CheckMode.OFF: message("Changed the rule “%(name)s”: it is off."),
    CheckMode.WATCHING: message("Changed the rule “%(name)s”: it is watching."),
    CheckMode.ON: message("Changed the rule “%(name)s”: it is on."),
}
# What becomes of what a rule catches: after the words “Such comments”, in a list to choose from.
OUTCOMES: Labels = {
    BlockAction.HOLD: message("wait for a moderator"),
    BlockAction.SPAM: message("are spam"),
    BlockAction.REJECT: message("are rejected"),
}
RULE_LINES: Labels = {
    BlockAction.HOLD: message("%(conditions)s → such comments wait for a moderator."),
    BlockAction.SPAM: message("%(conditions)s → such comments are spam."),
    BlockAction.REJECT: message("%(conditions)s → such comments are rejected."),
}
BLOCK_LINES: Labels = {
    BlockAction.HOLD: message("%(what)s: such comments wait for a moderator"),
    BlockAction.SPAM: message("%(what)s: such comments are spam"),
    BlockAction.REJECT: message("%(what)s: such comments are rejected"),
}
BLOCKS: Labels = {
    BlockKind.EMAIL: message("email"),
    BlockKind.RANGE: message("range"),
    BlockKind.WORD: message("word"),
    BlockKind.DOMAIN: message("domain"),
    BlockKind.AUTHOR: message("author"),
}
# What a click beside a comment blocked.
BLOCKED: Mapping[tuple[BlockKind, BlockAction], Message] = {
    (BlockKind.AUTHOR, BlockAction.HOLD): message(
        "Blocked: from now on comments of this author wait for a moderator."
    ),
    (BlockKind.AUTHOR, BlockAction.SPAM): message(
        "Blocked: from now on comments of this author are taken for spam."
    ),
    (BlockKind.AUTHOR, BlockAction.REJECT): message(
        "Blocked: from now on comments of this author are rejected."
    ),
    (BlockKind.EMAIL, BlockAction.HOLD): message(
        "Blocked: from now on comments under this address wait for a moderator."
    ),
    (BlockKind.EMAIL, BlockAction.SPAM): message(
        "Blocked: from now on comments under this address are taken for spam."
    ),
    (BlockKind.EMAIL, BlockAction.REJECT): message(
        "Blocked: from now on comments under this address are rejected."
    ),
    (BlockKind.DOMAIN, BlockAction.HOLD): message(
        "Blocked: from now on comments that link to this domain or name it wait for a moderator."
    ),
    (BlockKind.DOMAIN, BlockAction.SPAM): message(
        "Blocked: from now on comments that link to this domain or name it are taken for spam."
    ),
    (BlockKind.DOMAIN, BlockAction.REJECT): message(
        "Blocked: from now on comments that link to this domain or name it are rejected."
    ),
    (BlockKind.WORD, BlockAction.HOLD): message(
        "Blocked: from now on comments with this word or phrase wait for a moderator."
    ),
    (BlockKind.WORD, BlockAction.SPAM): message(
        "Blocked: from now on comments with this word or phrase are taken for spam."
    ),
    (BlockKind.WORD, BlockAction.REJECT): message(
        "Blocked: from now on comments with this word or phrase are rejected."
    ),
}

ROLES: Labels = {
    Role.MODERATOR: message("moderator: judges comments"),
    Role.ADMIN: message("admin: looks after sites, people and settings too"),
    Role.AUDITOR: message("auditor: reads, decides nothing, sees no address"),
}
ROLES_OF_ALL: Labels = {
    Role.MODERATOR: message("moderator of all sites"),
    Role.ADMIN: message("admin of all sites"),
    Role.AUDITOR: message("auditor of all sites"),
}
ROLES_OF_SOME: Labels = {
    Role.MODERATOR: message("moderator of %(sites)s"),
    Role.ADMIN: message("admin of %(sites)s"),
    Role.AUDITOR: message("auditor of %(sites)s"),
}
YOU_ARE: Labels = {
    Role.MODERATOR: message("You are a moderator."),
    Role.ADMIN: message("You are an admin."),
    Role.AUDITOR: message("You are an auditor, who reads and decides nothing."),
}
SCOPES: Labels = {
    Scope.READ: message("read as an auditor does, without addresses (read)"),
    Scope.POST: message("post comments (post)"),
    Scope.MODERATE: message("do what a moderator does (moderate)"),
    Scope.ADMIN: message("do what an admin does (admin)"),
    Scope.FEED: message("follow what waits in a feed reader (feed)"),
}
WAITING_MAIL: Labels = {
    WaitingMail.EACH: message("each at once, in an email of its own"),
    WaitingMail.HOURLY: message("once an hour at most"),
    WaitingMail.DAILY: message("once a day at most"),
    WaitingMail.NONE: message("never"),
}
SCOPES_WITHIN: Labels = {
    Scope.READ: message("read"),
    Scope.POST: message("post"),
    Scope.MODERATE: message("moderate"),
    Scope.ADMIN: message("admin"),
    Scope.FEED: message("feed"),
}
HOOK_EVENTS: Labels = {
    HookEvent.POSTED: message("comments that are public at once (comment.posted)"),
    HookEvent.APPROVED: message("comments that become public later (comment.approved)"),
    HookEvent.EDITED: message("public comments that were changed (comment.edited)"),
    HookEvent.REMOVED: message("comments that cease to be public (comment.removed)"),
    HookEvent.REPORTED: message("comments that were reported (comment.reported), if it is private"),
}
HOOK_ERRORS: Labels = {
    "forbidden address": message("the address is of a private network"),
    "host not found": message("there is no such host"),
    "TLS error": message("its certificate is not trusted"),
    "timeout": message("no answer in time"),
    "connect timeout": message("no connection in time"),
    "no key": message("the key of its secret is not here"),
}
_HOOK_FAILED = message("no answer that could be read")


def hook_error(error: str) -> Message | str:
    """Why a try to send to a webhook failed; a status of HTTP stands for itself."""
    return error if error.startswith("HTTP ") else HOOK_ERRORS.get(error, _HOOK_FAILED)


def hook_why(why: str | None) -> Message:
    """Why a webhook is disabled."""
    if why == "switched off":
        return message("Switched off %(time)s.")
    return message("Disabled %(time)s, as it failed for a day. Mend the receiver, and start it again.")


MESSAGES: Labels = {
    MessageState.WAITING: message("waiting"),
    MessageState.SENT: message("sent"),
    MessageState.DEAD: message("not sent"),
}

JOBS: Labels = {
    JobState.QUEUED: message("Waiting for its turn"),
    JobState.RUNNING: message("Under way"),
    JobState.DONE: message("Done"),
    JobState.CANCELLED: message("Cancelled"),
    JobState.FAILED: message("Failed"),
}
# What a search may ask for, as the page of a decision about all that match repeats it.
FILTERS: Labels = {
    "state": message("state"),
    "site": message("site"),
    "article": message("article"),
    "q": message("q"),
    "email": message("email"),
    "email_of": message("email_of"),
    "network": message("network"),
    "reported": message("reported"),
    "author": message("author"),
    "check": message("check"),
    "links": message("links"),
    "since": message("since"),
    "until": message("until"),
}


def value_of(name: str, value: str) -> str:
    """What is chosen of the filter of that *name*."""
    return {"state": STATES_WITHIN, "check": CHECKS}.get(name, {}).get(value, value)


KEYS: Labels = {
    "j": message("Next comment"),
    "k": message("Previous comment"),
    "a": message("Approve"),
    "h": message("Hold"),
    "s": message("Spam"),
    "t": message("Trash"),
    "g": message("Reason"),
    "u": message("Undo"),
    "x": message("Select"),
    "Shift+x": message("Select to here"),
    "e": message("Open in the thread"),
    "r": message("Answer as staff"),
    "/": message("Search"),
    "?": message("This help"),
}
