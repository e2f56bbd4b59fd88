"""The twins of `commentsvc.diagnosis.twins`, as services of the tests."""

from __future__ import annotations

from collections.abc import Callable

from commentsvc.diagnosis import twins
from commentsvc.diagnosis.twins import APART, SHOWN_AGAIN, TOGETHER, feed, seen
from tests.people import Reader
from tests.running_service import InProcess

__all__ = ["APART", "SHOWN_AGAIN", "TOGETHER", "Twin", "feed", "make_twins", "seen"]


class Twin(twins.Twin):
    """One of the two."""

    def __init__(self, service: InProcess, addresses: dict[str, str]) -> None:
        super().__init__(service.app, addresses, lambda minutes: service.clock.move(minutes=minutes))
        self.service = service

    def reader(self, name: str) -> Reader:
        return Reader(self.service.http(), name, self.addresses[name])


def make_twins(make: Callable[..., InProcess], **settings: str) -> tuple[Twin, Twin]:
    """The same seed, the same clock, the same words: all but the addresses."""
    apart, together = (Twin(make(seed=7, **settings), addresses) for addresses in (APART, TOGETHER))
    feed(apart)
    feed(together)
    return apart, together
