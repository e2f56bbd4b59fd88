"""The letter with which an operator tries whether mail goes out."""

from __future__ import annotations

from commentsvc.messages import ENGLISH
from commentsvc.notifications.mail.letter import Heading, Letter, Paragraph, name_of
from commentsvc.settings import Settings


def trial_letter(settings: Settings, email: str) -> Letter:
    """A mail to *email* that says that mail works."""
    return Letter(
        about="test",
        to=email,
        language=ENGLISH,
        sender=name_of(None, settings),
        subject="Mail of your comments works",
        blocks=[
            Heading("Mail of your comments works"),
            Paragraph(
                f"This was sent by the comment service at {settings.base_url}, because somebody ran "
                "“commentsvc mail test”."
            ),
            Paragraph(
                "If it lies among spam, look whether SPF and DKIM allow the mail server to send for its sender."
            ),
        ],
    )
