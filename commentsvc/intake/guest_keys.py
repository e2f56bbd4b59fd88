"""The capabilities that a guest gets with a comment. None is stored: all can be made again."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from commentsvc.model import RandomBytes
from commentsvc.service import Service

AUTHOR_ID_BYTES = 16
RECEIPT_SECONDS = 300  # for the redirect, a look around and a reload


def edit_key(service: Service, comment: str) -> str:
    """The edit key of the comment with that public id."""
    return service.keys.sign("edit key", comment)


def is_edit_key(service: Service, comment: str, key: str) -> bool:
    """Whether *key* is the edit key of that comment."""
    return service.keys.is_signature("edit key", comment, key)


def new_author_id(random_bytes: RandomBytes) -> str:
    """A random name for a guest who sent no author key."""
    return urlsafe_b64encode(random_bytes(AUTHOR_ID_BYTES)).decode().rstrip("=")


def author_key(service: Service, author_id: str) -> str:
    """The author key: the id and a signature over it, without a time, so that it stays the same."""
    return f"{author_id}.{service.keys.sign('author key', author_id)}"


def author_of(service: Service, key: str) -> str | None:
    """The author id in *key*, if we signed it."""
    author_id, _, signature = key.partition(".")
    return author_id if service.keys.is_signature("author key", author_id, signature) else None


def receipt(service: Service, comment: str, network: str) -> str:
    """What the page that follows a plain post is asked with: it shows its author what opens that comment.

    It stands in an address, which people pass on and proxies write down. So it is no edit key, and says
    nothing after `RECEIPT_SECONDS`, nor to anybody in another *network* than the one that posted.
    """
    return _receipt(service, comment, str(int(service.now().timestamp()) + RECEIPT_SECONDS), network)


def comment_of_receipt(service: Service, receipt: str, network: str) -> str | None:
    """The public id in *receipt*, if we gave it to that network a short while ago."""
    comment, _, rest = receipt.partition(".")
    until, _, signature = rest.partition(".")
    if not service.keys.is_signature("receipt", f"{comment} {until} {network}", signature):
        return None
    return comment if service.now().timestamp() < int(until) else None


def _receipt(service: Service, comment: str, until: str, network: str) -> str:
    return f"{comment}.{until}.{service.keys.sign('receipt', f'{comment} {until} {network}')}"
