"""Those that are asked what is to be sent because of an event."""

from __future__ import annotations

from commentsvc.notifications.chat import ChatListener
from commentsvc.notifications.followers import Followers
from commentsvc.notifications.kind import Listener
from commentsvc.notifications.webhooks.listener import WebhookListener
from commentsvc.notifications.websub import WebSubListener

LISTENERS: tuple[Listener, ...] = (
    Followers(),
    WebhookListener(),
    ChatListener(),
    WebSubListener(),
)
