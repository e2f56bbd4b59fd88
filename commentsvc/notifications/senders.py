"""What sends messages, by their kind."""

from __future__ import annotations

from commentsvc.model import MessageKind
from commentsvc.notifications.kind import Sender

SENDERS: dict[MessageKind, Sender] = {}
