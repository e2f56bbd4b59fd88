"""Which of the moderators' rules catch a comment: the conditions, a function each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from commentsvc import patterns
from commentsvc.model import When
from commentsvc.records import ActiveRule
from commentsvc.screening.blocks import APART, is_in
from commentsvc.screening.fingerprint import folded
from commentsvc.screening.hosts import domain, linked, mentioned, with_parents
from commentsvc.screening.rendered import Rendered
from commentsvc.screening.words import Passage, Words
from commentsvc.unicode_text import readable_host
from commentsvc.writing import main_script

LONGEST_EVIDENCE = 60  # characters of each condition's, as all of them stand on one line


@dataclass(frozen=True)
class Subject:
    """What the conditions look at; it is made ready when a rule first asks.

    :param ips: the IP address of the client, or the first and the last one of the network that was kept of it;
        empty where nothing is known.
    :param email_domain: behind the @ of the author's address.
    :param first_comment: nobody approved of this author yet.
    :param thread_opened_at: None where this is the first comment.
    :param at: when the comment was written, in UTC.
    """

    name: str
    text: str
    seen: Rendered
    author_id: str
    ips: Sequence[str]
    email_domain: str
    first_comment: bool
    thread_opened_at: datetime | None
    at: datetime

    @cached_property
    def passage(self) -> Passage:
        """The name, and what is read and linked in the text."""
        links = map(unquote, self.seen.links)
        return Passage(APART.join([self.name, self.seen.text, *self.seen.titles, *links]))

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The hosts that the text links to or names, and all domains above them."""
        named = mentioned(APART.join([self.seen.prose, *self.seen.titles]))
        return with_parents([*map(linked, self.seen.links), *named])

    @cached_property
    def email_domains(self) -> frozenset[str]:
        """The domain of the address, and all above it."""
        return with_parents([readable_host(self.email_domain)])

    @cached_property
    def script(self) -> str | None:
        """The script of most letters of the text."""
        return main_script(self.seen.text)


@dataclass(frozen=True, slots=True)
class Catch:
    """A rule that catches a comment, and what shows it."""

    rule: ActiveRule
    evidence: str
    subject: Subject

    @property
    def field(self) -> str:
        """The field of the form that the author must change; looked for where they are told."""
        when = self.rule.when
        in_name = when.names or Words(when.words or ()).found_in(Passage(self.subject.name))
        return "name" if in_name else "text"


@dataclass(frozen=True, slots=True)
class Ruled:
    """A comment, and the rules that it must pass."""

    subject: Subject
    rules: Sequence[ActiveRule]

    def caught(self) -> Iterator[Catch]:
        """Those of the rules that catch the comment."""
        for rule in self.rules:
            of_address = rule.of_address if rule.names_addresses else None
            evidence = why_caught(rule.when, self.subject, of_address=of_address)
            if evidence is not None:
                yield Catch(rule, evidence, self.subject)


def why_caught(when: When, subject: Subject, *, of_address: bool | None) -> str | None:
    """What shows that all conditions of *when* hold for *subject*; None where one does not.

    What concerns the address is looked at last: how long it takes tells of the rest alone.

    :param of_address: whether the rule names the address of the comment; None where it names no address.
    """
    shown: list[str] = []
    for name, look in _CONDITIONS.items():
        wanted = getattr(when, name)
        if not wanted:
            continue
        evidence = look(wanted, subject)
        if evidence is None:
            return None
        shown.append(evidence[:LONGEST_EVIDENCE])
    if of_address is False:
        return None
    return "; ".join([*shown, "address"] if of_address else shown)


def _first_comment(_wanted: bool, subject: Subject) -> str | None:
    return "first comment" if subject.first_comment else None


def _older_than_days(days: int, subject: Subject) -> str | None:
    opened = subject.thread_opened_at
    if opened is None or subject.at - opened <= timedelta(days=days):
        return None
    return f"thread of {opened:%Y-%m-%d}"


def _hours(hours: str, subject: Subject) -> str | None:
    first, end = map(int, hours.split("-"))
    hour = subject.at.hour
    within = first <= hour < end if first < end else hour >= first or hour < end
    return f"{subject.at:%H:%M} UTC" if within else None


def _authors(authors: Sequence[str], subject: Subject) -> str | None:
    return f"author {subject.author_id}" if subject.author_id in authors else None


def _networks(networks: Iterable[str], subject: Subject) -> str | None:
    if not subject.ips:
        return None
    return next((network for network in networks if all(is_in(ip, network) for ip in subject.ips)), None)


def _links_at_least(least: int, subject: Subject) -> str | None:
    links = len(subject.seen.links)
    return f"{links} links" if links >= least else None


def _names(names: Iterable[str], subject: Subject) -> str | None:
    return subject.name if folded(subject.name) in map(folded, names) else None


def _domains(domains: Iterable[str], subject: Subject) -> str | None:
    return next((one for one in domains if domain(one) in subject.hosts), None)


def _words(words: Iterable[str], subject: Subject) -> str | None:
    return ", ".join(sorted(Words(words).found_in(subject.passage))) or None


def _pattern(pattern: str, subject: Subject) -> str | None:
    search = patterns.compiled(pattern).search
    found = search(subject.text) or search(subject.seen.text)
    return f"“{found[0]}”" if found else None


def _scripts(scripts: Sequence[str], subject: Subject) -> str | None:
    return subject.script if subject.script in scripts else None


def _email_domains(domains: Iterable[str], subject: Subject) -> str | None:
    return "domain of the address" if any(domain(one) in subject.email_domains for one in domains) else None


# The quick ones first, and what concerns the address last.
_CONDITIONS: dict[str, Callable[[Any, Subject], str | None]] = {
    "first_comment": _first_comment,
    "thread_older_than_days": _older_than_days,
    "hours": _hours,
    "authors": _authors,
    "networks": _networks,
    "links_at_least": _links_at_least,
    "names": _names,
    "domains": _domains,
    "words": _words,
    "pattern": _pattern,
    "scripts": _scripts,
    "email_domains": _email_domains,
}
