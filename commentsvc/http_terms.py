"""What the gate, the cache and the routes agree on: content types, areas of paths, names in a WSGI environ."""

from __future__ import annotations

HTML = "text/html; charset=utf-8"
FORM = "application/x-www-form-urlencoded"
PROBLEM = "application/problem+json"

API = "/api/"  # what lies below is for programs, whatever they accept
MODERATION = ("/moderation", "/api/v1/moderation")  # where people sign in and judge
LINKED = ("/mail", "/me", "/feeds/queue.atom")  # where a token in the URL says who one is
EXPOSED_HEADERS = "Age, Date, ETag, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"

# Keys of a request's environ (PEP 3333).
ROUTE = "commentsvc.route"  # the pattern of the route that answered
TOO_LARGE = "commentsvc.too_large"  # whether the body was longer than any may be, and was dropped
RENDERED = "commentsvc.rendered"  # what to call once the text is rendered
STREAMS = "commentsvc.streams"  # whether an answer can become a stream of events
STREAM = "commentsvc.stream"  # the thread whose changes the answer is to tell, as a stream
READ = "commentsvc.read"  # the subject, version and tag of a cacheable answer, for the layer in front


def is_private(path: str) -> bool:
    """Whether that path belongs to moderators."""
    return _is_below(path, MODERATION)


def is_linked(path: str) -> bool:
    """Whether the URL of that path holds a token, which no other site may learn."""
    return _is_below(path, LINKED)


def _is_below(path: str, areas: tuple[str, ...]) -> bool:
    return any(path == area or path.startswith(area + "/") for area in areas)
