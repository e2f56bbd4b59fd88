"""What a check says of a comment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from commentsvc.errors import Invalid, Problem
from commentsvc.messages import Message, message
from commentsvc.model import Outcome
from commentsvc.unicode_text import is_line

MOST_TEXT = 200  # characters: a moderator reads it at a glance


def _general_refusal() -> Problem:
    return Invalid({"text": [message("This site does not accept this comment.")]})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    :param outcome: `none` (a note), `hold`, `spam` or `reject`.
    :param score: how sure the check is, from 0 to 1.
    :param message: what it is, for moderators; it also stands among the comment's `reasons`.
    :param evidence: what shows it, for moderators alone; both are cut to `MOST_TEXT` characters.
    :param refusal: what the author is told where the outcome is `reject`. With None they are told nothing, and
        the comment goes into the trash while it seems to wait.
    :param watching: it is only what would have been, as of a rule that watches.
    :raises ValueError, TypeError: one of them cannot be.
    """

    outcome: Outcome | Literal["none", "hold", "spam", "reject"]
    score: float
    message: str
    evidence: str = ""
    refusal: Problem | None = field(default_factory=_general_refusal)
    watching: bool = False

    def __post_init__(self) -> None:
        Outcome(self.outcome)
        if not 0 <= self.score <= 1:  # which is false for NaN, too
            raise ValueError(f"A score is from 0 to 1, and not {self.score}.")
        for text in (self.message, self.evidence):
            if not isinstance(text, str):
                raise TypeError(f"A message and evidence are text, and not {type(text).__name__}.")
        if not (isinstance(self.message, Message) and is_line(self.message)):
            object.__setattr__(self, "message", _one_line(self.message))
        object.__setattr__(self, "evidence", _one_line(self.evidence))


def _one_line(text: str) -> str:
    """The beginning of *text* on one line, without what cannot be shown or stored."""
    line = " ".join(text[: 2 * MOST_TEXT].split())
    return "".join(character if is_line(character) else "\ufffd" for character in line[:MOST_TEXT])
