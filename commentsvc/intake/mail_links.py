"""What stands behind `t=` in the links of mails: an id and our signature, so that nobody can make one.

Stop links have a secret of their own instead, as they must outlive every key.
"""

from __future__ import annotations

import re

from commentsvc.errors import NotFound
from commentsvc.messages import message
from commentsvc.model import QuestionKind
from commentsvc.service import Service

ID_LENGTH = 26
UNKNOWN = message(
    "There is nothing behind this link. Please open it as it stands in the mail; programs break long links at times."
)
# Wherever a link of ours may have been wrapped by a mail program's check of links, it is percent-encoded.
_LINK = re.compile(r"[^\s<>\"]+")
_PRIVATE_PAGE = re.compile(
    r"(?:/|%2F)(?:mail(?:/|%2F)(?:confirm|stop|decide)|me(?:/|%2F)data|feeds(?:/|%2F)queue\.atom"
    r"|thread(?:/|%2F)edit|moderation(?:/|%2F)invitation)(?=[?#]|%3F|%23)",
    re.IGNORECASE,
)
_SECRET = re.compile(r"((?:[?&;#]|%3F|%26|%23)(?:t|key)(?:=|%3D))[A-Za-z0-9_.~-]{16,}", re.IGNORECASE)


def token_of(service: Service, kind: QuestionKind, public_id: str) -> str:
    """What stands in the link of a question."""
    return public_id + service.keys.sign(f"mail {kind}", public_id)


def read_token(service: Service, kind: QuestionKind, token: str) -> str:
    """The id of the question in whose link *token* stands.

    :raises NotFound: we did not make it, or for another kind.
    """
    public_id, signature = token[:ID_LENGTH], token[ID_LENGTH:]
    if not service.keys.is_signature(f"mail {kind}", public_id, signature):
        raise NotFound(UNKNOWN)
    return public_id


def without_tokens(text: str) -> str:
    """*text* without what makes private links good for anything: who pastes one shows it to all.

    They are those of mails, of private feeds, of invitations, and of one's own comment. The time grows with the text.
    """
    return _LINK.sub(_without_secret, text)


def _without_secret(link: re.Match[str]) -> str:
    page = _PRIVATE_PAGE.search(link[0])
    if page is None:
        return link[0]
    return link[0][: page.end()] + _SECRET.sub(r"\1…", link[0][page.end() :])
