"""Figures of the moderators' work. Decisions are counted in steps by a job; a look counts what came since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from commentsvc.actions.moderate import sites_of
from commentsvc.errors import Invalid
from commentsvc.messages import message
from commentsvc.model import (
    CheckFigure,
    DayFigure,
    ModerationFigures,
    Moderator,
    PersonFigure,
    Site,
    State,
    Waiting,
    YearFigure,
)
from commentsvc.moderation.tally import What, quantile, tally
from commentsvc.records import Figure
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

MOST_DAYS = 366
COUNTED_AT_ONCE = 500  # decisions of one step: some 20 ms
MOST_BEHIND = 2_000  # decisions that a look counts itself, of those that the job has not come to


def read_figures(
    service: Service, work: UnitOfWork, moderator: Moderator, site: Site | None, days: int
) -> ModerationFigures:
    """Give figures of the last *days* days, on one site or on all of this moderator's.

    :raises Forbidden: the site is not this moderator's.
    :raises Invalid: there are not so many days.
    """
    if not 1 <= days <= MOST_DAYS:
        raise Invalid({"days": [message("This is a number of days from 1 to %(most)s.", most=MOST_DAYS)]})
    theirs = sites_of(moderator, site)
    sites = frozenset(one.id for one in work.sites.all_sites()) if theirs is None else theirs
    first = service.now().astimezone(UTC).date() - timedelta(days=days - 1)
    counted = _Counted(work, sites, first.isoformat())
    waited = {int(seconds): count for seconds, count in counted.of(What.WAITED).items()}
    return ModerationFigures(
        days=days,
        waiting=Waiting(quantile(waited, 0.5), quantile(waited, 0.95)),
        by_person=counted.by_person(),
        by_check=counted.by_check(),
        by_day=_by_day(work, sites, first, days),
        by_year=counted.by_year(),
    )


def count_decisions(work: UnitOfWork) -> int:
    """Count the next decisions of the audit log; give how many, `COUNTED_AT_ONCE` at most."""
    judged = work.figures.judged_after(work.figures.progress(), COUNTED_AT_ONCE)
    if judged:
        counted, names = tally(judged, work.figures.earlier({one.comment for one in judged}))
        work.figures.add(counted, names, judged[-1].position)
    return len(judged)


class _Counted:
    """What the job has counted of some sites since a day, and what came behind that."""

    def __init__(self, work: UnitOfWork, sites: Collection[int], since: str) -> None:
        self._figures, self._sites, self._since = work.figures, sites, since
        judged = [
            one
            for one in work.figures.judged_after(work.figures.progress(), MOST_BEHIND)
            if one.site_id in sites
        ]
        self._behind, self._names = tally(judged, work.figures.earlier({one.comment for one in judged}))

    def of(self, what: What) -> Counter[str]:
        """How often that was counted, by what it is told apart."""
        counted: Counter[str] = Counter()
        for name, label, count in self._figures.since(self._sites, what, self._since):
            counted[name] += count
            if label is not None:
                self._names.setdefault(name, label)
        for figure, count in self._behind.items():
            if figure.what == what and figure.day >= self._since:
                counted[figure.name] += count
        return counted

    def by_person(self) -> list[PersonFigure]:
        """Who decided how often, who did most first."""
        people = self.of(What.PERSON)
        return [
            PersonFigure(by, self._names.get(by, by), count)
            for by, count in sorted(people.items(), key=lambda one: (-one[1], one[0]))
        ]

    def by_check(self) -> list[CheckFigure]:
        """What each check caught, what caught most first."""
        caught, wrong = self.of(What.CAUGHT), self.of(What.FALSE_ALARM)
        checks = sorted(caught | wrong, key=lambda check: (-caught[check], check))
        return [CheckFigure(check, caught[check], wrong[check]) for check in checks]

    def by_year(self) -> list[YearFigure]:
        """Decisions of all years by their kind, the newest year first."""
        counted = Counter(self._figures.by_year(self._sites, What.DECISION))
        for figure, count in self._behind.items():
            if figure.what == What.DECISION:
                counted[_year(figure), figure.name] += count
        ordered = sorted(counted.items(), key=lambda one: (-one[0][0], one[0][1]))
        return [YearFigure(year, kind, count) for (year, kind), count in ordered]


def _year(figure: Figure) -> int:
    return int(figure.day[:4])


def _by_day(work: UnitOfWork, sites: Collection[int], first: date, days: int) -> list[DayFigure]:
    since = datetime.combine(first, time(), UTC)
    counted = Counter(work.figures.comments_by_day(sites, since))
    return [
        DayFigure(
            day,
            sum(counted[day, state] for state in State),
            *(counted[day, state] for state in (State.APPROVED, State.SPAM, State.TRASH)),
        )
        for day in ((first + timedelta(days=number)).isoformat() for number in range(days))
    ]
