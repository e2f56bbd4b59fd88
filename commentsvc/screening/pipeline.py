"""One comment on its way through the checks; a post and an edit go the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from commentsvc.metrics import Metrics
from commentsvc.model import Client, Outcome, Site, State, Verdict
from commentsvc.records import ActiveRule, Lookups
from commentsvc.screening import blocks
from commentsvc.screening.check import Candidate, Facts, Phase
from commentsvc.screening.fingerprint import fingerprint
from commentsvc.screening.plugins import Plugin
from commentsvc.screening.rendered import Rendered, rendered
from commentsvc.screening.rules import Ruled, Subject
from commentsvc.screening.runner import Found, run
from commentsvc.screening.told import told
from commentsvc.storage.unit_of_work import UnitOfWork

REPEATED_WITHIN = timedelta(days=1)

_STATES = {
    Outcome.NONE: State.APPROVED,
    Outcome.HOLD: State.PENDING,
    Outcome.SPAM: State.SPAM,
    Outcome.REJECT: State.TRASH,
}
_STRENGTH = list(_STATES.values())


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose comment it is, which no check is told: the author id, how the e-mail address is found, the client.

    `email_domain` is what stands behind the @; `comment` is the row number of the one that is edited.
    """

    author_id: str
    lookups: Lookups | None
    email_domain: str
    client: Client | None
    comment: int = 0


@dataclass(frozen=True, slots=True)
class Submitted:
    """What screening is given of a comment."""

    article: str
    name: str
    url: str | None
    text: str
    html: str
    trap: str = ""


@dataclass(frozen=True, slots=True)
class Screening:
    """A comment that the checks before the transaction have looked at."""

    plugins: Sequence[Plugin]
    site: Site
    sender: Sender
    candidate: Candidate
    facts: Facts
    found: Sequence[Found]
    fingerprint: bytes
    read: blocks.Read

    def inside(self, work: UnitOfWork, metrics: Metrics, *, known_text: bool = False) -> Verdict:
        """Run the checks that look into the database, and say in which state the comment is stored.

        The same statements are made whatever address it came from, and whatever checks are on.

        What they find is counted in *metrics*.

        :param known_text: a person has read what is edited.
        :raises Problem: a check rejects the comment.
        """
        site, sender, now = self.site, self.sender, self.facts.now
        since = now - REPEATED_WITHIN
        facts = replace(
            self.facts,
            first_comment=_is_first(work, site, sender),
            same_text=work.comments.same_text(site.id, self.fingerprint, since, besides=sender.comment),
            known_text=known_text,
            caught=blocks.caught(self.read, work.blocks.in_force(site.id, sender.lookups, now)),
        )
        found = [*run(Phase.INSIDE, self.plugins, site.checks, self.candidate, facts), *self.found]
        _count(found, metrics)
        return verdict(found)


@dataclass(frozen=True, slots=True)
class Unscreened:
    """A comment with what the checks before the transaction are told of it."""

    plugins: Sequence[Plugin]
    site: Site
    submitted: Submitted
    sender: Sender
    facts: Facts
    rules: Sequence[ActiveRule]


def prepare(
    work: UnitOfWork,
    plugins: Sequence[Plugin],
    site: Site,
    submitted: Submitted,
    sender: Sender,
    now: datetime,
    *,
    known_text: bool = False,
) -> Unscreened:
    """Read what the checks before the transaction are told; they then run without a connection that waits.

    The rules too: one that is set a moment later is for the next comment.

    :param known_text: as for `Screening.inside`.
    """
    opened = work.comments.thread_opened_at(site.id, submitted.article)
    facts = Facts(now, site.mode, _is_first(work, site, sender), opened, known_text=known_text)
    rules = work.rules.active(site.id, sender.lookups, now)
    return Unscreened(plugins, site, submitted, sender, facts, rules)


def screen_before(unscreened: Unscreened) -> Screening:
    """Make ready what checks look at, which takes its time, and run those that need no transaction."""
    site, submitted, sender = unscreened.site, unscreened.submitted, unscreened.sender
    seen = rendered(submitted.html)
    candidate = Candidate(
        site=site.slug,
        article=submitted.article,
        name=submitted.name,
        url=submitted.url,
        text=submitted.text,
        plain=seen.text,
        html=submitted.html,
        links=seen.links,
        trap=submitted.trap,
    )
    facts = replace(unscreened.facts, ruled=Ruled(_subject(unscreened, seen), unscreened.rules))
    return Screening(
        unscreened.plugins,
        site,
        sender,
        candidate,
        facts,
        found=run(Phase.BEFORE, unscreened.plugins, site.checks, candidate, facts),
        fingerprint=fingerprint(seen.text),
        read=blocks.read(submitted.name, submitted.url, seen, sender.client, sender.author_id),
    )


def _subject(unscreened: Unscreened, seen: Rendered) -> Subject:
    submitted, sender, facts = unscreened.submitted, unscreened.sender, unscreened.facts
    return Subject(
        name=submitted.name,
        text=submitted.text,
        seen=seen,
        author_id=sender.author_id,
        ips=(sender.client.ip,) if sender.client else (),
        email_domain=sender.email_domain,
        first_comment=facts.first_comment and not facts.known_text,
        thread_opened_at=facts.thread_opened_at,
        at=facts.now,
    )


def _is_first(work: UnitOfWork, site: Site, sender: Sender) -> bool:
    return not work.trust.is_trusted(site.id, sender.author_id, sender.lookups, besides=sender.comment)


def _count(found: Sequence[Found], metrics: Metrics) -> None:
    for one in found:
        metrics.add("findings", one.check, "watching" if one.watching else str(Outcome(one.finding.outcome)))


def verdict(results: Sequence[Found]) -> Verdict:
    """The strongest of what was *found* holds.

    :raises Problem: one rejects the comment, and says why.
    """
    for one in results:
        if one.finding.outcome == Outcome.REJECT and one.finding.refusal and not one.watching:
            raise one.finding.refusal
    findings = tuple(one.recorded() for one in results)
    states = [_STATES[finding.outcome] for finding in findings if finding.effective]
    return Verdict(max(states, key=_STRENGTH.index, default=State.APPROVED), findings, told(results))
