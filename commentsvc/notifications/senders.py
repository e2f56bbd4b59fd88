"""What sends messages, by their kind."""

from __future__ import annotations

from commentsvc.model import MessageKind
from commentsvc.notifications.chat import ChatSender
from commentsvc.notifications.kind import Sender
from commentsvc.notifications.mail.sender import MailSender
from commentsvc.notifications.webhooks.sender import WebhookSender
from commentsvc.notifications.websub import WebSubSender

SENDERS: dict[MessageKind, Sender] = {
    sender.kind: sender
    for sender in (
        MailSender(),
        WebhookSender(),
        ChatSender(),
        WebSubSender(),
    )
}
