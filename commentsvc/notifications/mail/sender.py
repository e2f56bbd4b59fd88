"""Sends the mail of the outbox: what a letter says, and whether it is sent, is settled at each try."""

from __future__ import annotations

from datetime import datetime

from commentsvc.model import MailEnd, MessageKind
from commentsvc.notifications.kind import Dead, Later, Nothing, Outcome, Retry, Sent, Unsent
from commentsvc.notifications.mail.compose import compose
from commentsvc.notifications.mail.letter import Letter
from commentsvc.notifications.mail.letters import LETTERS
from commentsvc.notifications.mail.rates import let_out
from commentsvc.notifications.mail.smtp import deliver
from commentsvc.privacy.sealing import lookup, lookups
from commentsvc.records import OutboxMessage
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork

# What goes even to an address to which mail ended: who asks for it gets it.
STILL_SENT = {
    MailEnd.HARD: frozenset({"access", "confirm"}),
    MailEnd.COMPLAINT: frozenset({"access", "confirm"}),
    # Who moderates chooses at the desk what comes, and did not mean that by stopping mail about a discussion.
    MailEnd.STOPPED: frozenset({"access", "waiting", "report", "account"}),
}


class MailSender:
    """Sends mail."""

    kind = MessageKind.MAIL

    def send(self, service: Service, message: OutboxMessage) -> Outcome:
        """Write the letter of *message* and hand it over, unless there is nothing to say, or a rate is reached."""
        if service.settings.smtp_url is None:
            return Retry("not set up", is_setup=True)
        write = LETTERS.get(message.about)
        if write is None:
            return Dead("unknown kind of letter")
        with service.reading() as work:
            letter = write(service, work, message)
            if isinstance(letter, Unsent):
                return Nothing() if message.perhaps_sent else letter
            if letter is None or not _is_meant(service, message, letter) or _is_ended(service, work, letter):
                return Nothing()
        if (until := _let_out(service, message)) is not None:
            return Later(until)
        report = deliver(
            service.settings, compose(service.settings, letter, message.public_id, service.now())
        )
        if report.ends_address:
            end_mail(service, letter.to, MailEnd.HARD)
        if isinstance(report.outcome, Sent) and not message.perhaps_sent:
            return Sent(letter.unsent)
        return report.outcome


def _is_meant(service: Service, message: OutboxMessage, letter: Letter) -> bool:
    """Whether the letter goes to whom the message was for: rows that it names may be another's by now."""
    return message.recipient is None or message.recipient in lookups(letter.to, service.address_keys)


def _is_ended(service: Service, work: UnitOfWork, letter: Letter) -> bool:
    why = work.mail_addresses.why_ended(lookups(letter.to, service.address_keys))
    return why is not None and letter.about not in STILL_SENT[why]


@retried
def _let_out(service: Service, message: OutboxMessage) -> datetime | None:
    with service.unit_of_work() as work:
        return let_out(work, service.settings, message, service.now())


@retried
def end_mail(service: Service, email: str, why: MailEnd) -> None:
    """Let nothing more be sent to *email* until it is confirmed again."""
    with service.unit_of_work() as work:
        work.mail_addresses.end(lookup(email, service.address_keys), why, service.now())
