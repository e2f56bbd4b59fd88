"""Checks of other packages: found by their entry points, and run where they can hold nobody up."""

from __future__ import annotations

import re
import threading
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from time import monotonic

import structlog

from commentsvc.screening.check import Candidate, Check, Facts, Phase
from commentsvc.screening.checks import OWN
from commentsvc.screening.finding import Finding

GROUP = "commentsvc.checks"
MOST_AT_ONCE = 16  # calls of one check; requests are eight, so the rest are some that were given up
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")

log = structlog.get_logger("commentsvc.screening")


class TooSlow(Exception):
    """A check did not answer in time, or is still busy with too many earlier comments."""


class Failed(Exception):
    """A check raised something; what and where, in words that quote nobody."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """A check of another package."""

    check: Check
    name: str
    phase: Phase
    _free: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MOST_AT_ONCE)
    )

    def begin(self, candidate: Candidate, facts: Facts) -> Call:
        """Let it look at a comment in a thread of its own: Python cannot stop one that hangs."""
        call = Call(self.check, candidate, facts, self._free)
        if call.may_run:
            # A daemon, so that one which hangs does not keep the service from ending.
            threading.Thread(target=call.run, name=f"check {self.name}", daemon=True).start()
        return call


class Call:
    """One look of a plugin at one comment; it may not run where too many earlier ones still do."""

    def __init__(
        self, check: Check, candidate: Candidate, facts: Facts, free: threading.BoundedSemaphore
    ) -> None:
        self._check, self._candidate, self._facts, self._free = check, candidate, facts, free
        self.may_run = free.acquire(blocking=False)
        self._done = threading.Event()
        self._findings: list[Finding] = []
        self._error = ""

    def run(self) -> None:
        """Look, and remember what came of it."""
        try:
            self._findings = as_list(self._check.look(self._candidate, self._facts))
        except BaseException as why:  # a plugin that asks to exit ends its own thread alone
            self._error = where(why)
        finally:
            self._free.release()
            self._done.set()

    def findings(self, deadline: float) -> list[Finding]:
        """Give what it found.

        :param deadline: until when to wait, on the clock of `time.monotonic`.
        :raises TooSlow: there is no answer by then.
        :raises Failed: it raised something.
        """
        if not self.may_run or not self._done.wait(max(0.0, deadline - monotonic())):
            raise TooSlow
        if self._error:
            raise Failed(self._error)
        return self._findings


def as_list(answer: Finding | Iterable[Finding] | None) -> list[Finding]:
    """What `look` gives, as a list.

    :raises TypeError: it is no finding.
    """
    findings = [] if answer is None else [answer] if isinstance(answer, Finding) else list(answer)
    for finding in findings:
        if not isinstance(finding, Finding):
            raise TypeError(f"A check gives findings, and not {type(finding).__name__}.")
    return findings


def installed() -> tuple[Plugin, ...]:
    """The checks of all packages that are installed; what cannot be one is left out, and the log says why."""
    taken = {check.name for check in OWN}
    found: list[Plugin] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            plugin = _plugin(entry.load()())
            if plugin.name in taken:
                raise ValueError(f"There is a check “{plugin.name}” already.")
        except Exception as why:
            log.error("check cannot be used", check=entry.name, package=entry.value, why=where(why))
            continue
        taken.add(plugin.name)
        found.append(plugin)
    return tuple(found)


def _plugin(check: Check) -> Plugin:
    if not _NAME.fullmatch(check.name):
        raise ValueError("The name of a check has 1 to 32 lower-case letters, digits and hyphens.")
    if not callable(check.look):
        raise TypeError("A check has a function “look”.")
    return Plugin(check, check.name, Phase(check.phase))


def where(why: BaseException) -> str:
    """Where an error happened and of what kind it is; its message may quote what somebody typed."""
    frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(why.__traceback__)]
    return " at ".join([type(why).__name__, *frames[-1:]])
