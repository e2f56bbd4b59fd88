"""What is left out for who may not see addresses: those of people, and their networks.

Both also stand in what moderators typed, and in what checks found; there each is one word of a text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

from msgspec import structs

from commentsvc.messages import Message, message
from commentsvc.model import (
    AuditEntry,
    Block,
    BlockKind,
    Decision,
    ModeratedComment,
    Moderator,
    Note,
    Permission,
    RecordedFinding,
    Report,
    Rule,
)

LEFT_OUT = message("(left out)")

_WORD = re.compile(r"[^\s,;()<>“”\"]+")


def comment_for(moderator: Moderator, comment: ModeratedComment) -> ModeratedComment:
    """A comment as *moderator* may see it."""
    if moderator.may(Permission.SEE_ADDRESSES):
        return comment
    findings = tuple(map(finding_without_addresses, comment.findings))
    reasons = tuple(map(_message_without, comment.reasons))
    return replace(comment, email=None, network=None, findings=findings, reasons=reasons)


def finding_without_addresses(finding: RecordedFinding) -> RecordedFinding:
    """What a check found, for who may see no addresses."""
    message, evidence = _message_without(finding.message), without_addresses(finding.evidence)
    return structs.replace(finding, message=message, evidence=evidence)


def block_for(moderator: Moderator, block: Block) -> Block:
    """A block as *moderator* may see it."""
    if moderator.may(Permission.SEE_ADDRESSES):
        return block
    is_of_address = block.kind in {BlockKind.EMAIL, BlockKind.RANGE}
    return replace(
        block,
        value=None if is_of_address else block.value,
        note=None if block.note is None else without_addresses(block.note),
    )


def rule_for(moderator: Moderator, rule: Rule) -> Rule:
    """A rule as *moderator* may see it."""
    if moderator.may(Permission.SEE_ADDRESSES):
        return rule
    when = structs.replace(
        rule.when,
        emails=None if rule.when.emails is None else (LEFT_OUT,),
        networks=None if rule.when.networks is None else (LEFT_OUT,),
    )
    return structs.replace(rule, when=when, note=None if rule.note is None else without_addresses(rule.note))


def decision_for(moderator: Moderator, decision: Decision) -> Decision:
    """A line of the log as *moderator* may see it."""
    if moderator.may(Permission.SEE_ADDRESSES):
        return decision
    reason = None if decision.reason is None else without_addresses(decision.reason)
    return structs.replace(decision, reason=reason)


def entry_for(moderator: Moderator | None, entry: AuditEntry) -> AuditEntry:
    """An entry of the audit log as *moderator* may see it; the operator, who sees all, is None."""
    if moderator is None or moderator.may(Permission.SEE_ADDRESSES):
        return entry
    return structs.replace(entry, what=_without_addresses_within(entry.what))


def note_for(moderator: Moderator, note: Note) -> Note:
    """A note about a comment as *moderator* may see it."""
    if moderator.may(Permission.SEE_ADDRESSES):
        return note
    return structs.replace(note, text=without_addresses(note.text))


def _without_addresses_within(what: Any) -> Any:
    if isinstance(what, str):
        return without_addresses(what)
    if isinstance(what, dict):
        return {name: _without_addresses_within(value) for name, value in what.items()}
    return [_without_addresses_within(one) for one in what] if isinstance(what, list) else what


def report_for(moderator: Moderator, report: Report) -> Report:
    """What a reader reported, as *moderator* may see it."""
    if moderator.may(Permission.SEE_ADDRESSES):
        return report
    text = None if report.text is None else without_addresses(report.text)
    name = None if report.name is None else without_addresses(report.name)
    return replace(report, email="", text=text, name=name)


def without_addresses(text: str) -> str:
    """Give *text* without the words that are e-mail addresses, IP addresses or networks."""
    return _WORD.sub(lambda word: LEFT_OUT if _is_address(word[0]) else word[0], text)


def _message_without(text: str) -> str:
    """The same of a message, which can still be said in another language."""
    if not isinstance(text, Message):
        return without_addresses(text)
    values = {name: without_addresses(str(value)) for name, value in text.values.items()}
    return Message(without_addresses(text.msgid), **values)


def _is_address(word: str) -> bool:
    if "@" in word.strip("@"):
        return True
    try:
        ip_network(word.strip(".:!?[]"), strict=False)
    except ValueError:
        return False
    return not word.strip(".:!?[]").isdigit()
