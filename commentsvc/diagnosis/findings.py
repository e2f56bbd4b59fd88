"""What a check has to say."""

from __future__ import annotations

from dataclasses import dataclass

from commentsvc.settings import PREFIX


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and the one setting that makes it right, if one does."""

    detail: str
    setting: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at; all is well there without a *fault*."""

    name: str
    fault: Fault | None = None


def set_to(name: str, value: object) -> str:
    """The setting *name* of the service with what it should be."""
    return f"{PREFIX}{name}={value}"
