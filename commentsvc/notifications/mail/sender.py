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
from commentsvc.privacy.mailboxes import mail_lookups
from commentsvc.privacy.sealing import lookups
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


GATHERED = frozenset({"digest", "waiting"})  # letters of what was gathered until they are written


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
        if message.about in GATHERED and service.database.file() is None:  # on SQLite one writes at a time
            _let_gatherers_end(service)
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
    keys = service.address_keys
    theirs = (
        *mail_lookups(letter.to, keys),
        *lookups(letter.to, keys),
    )  # these in messages of an older program
    return message.recipient is None or message.recipient in theirs


def _is_ended(service: Service, work: UnitOfWork, letter: Letter) -> bool:
    why = work.mail_addresses.why_ended(mail_lookups(letter.to, service.address_keys))
    return why is not None and letter.about not in STILL_SENT[why]


def _let_gatherers_end(service: Service) -> None:
    """What another node is about to add to a letter would be in none: it began before that was due, and takes its time."""
    with service.unit_of_work() as work:
        work.events.wait_for_turn()


@retried
def _let_out(service: Service, message: OutboxMessage) -> datetime | None:
    with service.unit_of_work() as work:
        return let_out(work, service.settings, message, service.now())


@retried
def end_mail(service: Service, email: str, why: MailEnd) -> None:
    """Let nothing more be sent to *email* until it is confirmed again."""
    with service.unit_of_work() as work:
        work.mail_addresses.end(mail_lookups(email, service.address_keys)[0], why, service.now())
