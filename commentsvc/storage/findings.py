"""Findings as they are stored with a comment: a JSON list, from which each message can be said in any language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from commentsvc.messages import Message
from commentsvc.model import Outcome, RecordedFinding


def to_json(findings: Iterable[RecordedFinding]) -> list[dict[str, Any]]:
    """The rows for the column `findings`."""
    return [_row(finding) for finding in findings]


def from_json(rows: Iterable[Mapping[str, Any]]) -> tuple[RecordedFinding, ...]:
    """What the column `findings` holds; its messages can be said in any language."""
    return tuple(
        RecordedFinding(
            check=row["check"],
            outcome=Outcome(row["outcome"]),
            score=row["score"],
            message=text_from_json(row),
            evidence=row["evidence"],
            watching=row["watching"],
        )
        for row in rows
    )


def text_to_json(text: str) -> dict[str, Any]:
    """A text for a column, from which it can be said in any language."""
    msgid, values = _parts(text)
    return {"message": msgid, "values": values}


def text_from_json(row: Mapping[str, Any]) -> Message:
    """The text that such a column holds."""
    return Message(row["message"], **row["values"])


def _row(finding: RecordedFinding) -> dict[str, Any]:
    text, values = _parts(finding.message)
    return {
        "check": finding.check,
        "outcome": str(finding.outcome),
        "score": finding.score,
        "message": text,
        "values": values,
        "evidence": finding.evidence,
        "watching": finding.watching,
    }


def _parts(text: str) -> tuple[str, dict[str, str]]:
    """The text that the catalogues know, and what fills its places."""
    if isinstance(text, Message) and not text.plural:
        return text.msgid, {name: str(value) for name, value in text.values.items()}
    return str.__str__(text), {}
