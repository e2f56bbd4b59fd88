"""What can go wrong, in the domain's words. HTTP statuses stand in `web/problems.py` alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from commentsvc.messages import Message, message, nmessage

FieldErrors = Mapping[str, Sequence[str]]


class Problem(Exception):
    """The base of all that we refuse: `detail` tells the person what to do about it."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Malformed(Problem):
    """The request cannot be read at all."""


class Invalid(Problem):
    """Fields are wrong; `errors` names each with what is wrong about it."""

    def __init__(
        self, errors: FieldErrors, detail: str = message("Please correct the fields named in “errors”.")
    ) -> None:
        super().__init__(detail)
        self.errors = {field: list(messages) for field, messages in errors.items()}


class Unrenderable(Problem):
    """The text cannot be shown: it costs too much, or the renderer fails on it."""


class TokenExpired(Invalid):
    """The form token is too old, and nothing else is wrong."""


class TooFast(Invalid):
    """The form was sent sooner than a person could fill it in, and nothing else is wrong."""


class TokenSpent(Problem):
    """The form token already made a comment with another content."""


class AlreadyDecided(Problem):
    """The same person sent another decision under that id before."""


class AlreadySent(Problem):
    """A message of the outbox arrived; there is nothing to send again."""


class ObjectionAnswered(Problem):
    """A moderator answered the author's objection to a decision; there is no second one."""


class CatchesAll(Problem):
    """A rule would have caught every one of the last comments, which nobody confirmed to be meant."""


class LastAdmin(Problem):
    """Without this admin nobody could look after people and sites any more."""


class NotFound(Problem):
    """There is no such thing, or it is not public."""


class OutOfDate(Problem):
    """A link was good for a while, and is no more."""


class MailStopped(OutOfDate):
    """Whom the link was mailed to stopped all mail since."""


class LinkForgotten(OutOfDate):
    """A link was good so long ago that nothing is known of it any more."""


class UnknownSite(NotFound):
    """There is no site of that name."""


class NoSuchParent(Problem):
    """The comment that was replied to is not a public comment of this thread."""


class ThreadClosed(Problem):
    """A moderator closed the thread, or the branch that a reply would go into, or its time is over."""


class ArticleTaken(Problem):
    """A thread is to be called by the ID of an article that has one."""


class OriginRefused(Problem):
    """A page of this origin may not post to this site."""


class Forbidden(Problem):
    """A capability is missing, wrong, ended, or not enough."""


class NotAuthenticated(Forbidden):
    """No valid credentials came with the request."""


class SecondFactorRequired(Forbidden):
    """A site of this person's requires a second factor, and they have none yet."""


class TooLarge(Problem):
    """The body is larger than any comment can be."""


class UnsupportedMedia(Problem):
    """The body is of a type that this address does not read."""


class TooMany(Problem):
    """A client did more than it may in a time: *limit* so often, and again in *seconds*."""

    def __init__(self, limit: int, seconds: int) -> None:
        super().__init__(self.said(seconds))
        self.limit = limit
        self.seconds = seconds

    @staticmethod
    def said(seconds: int) -> Message:
        """What happened, and when to come again."""
        return nmessage(
            "Too many requests. Please try again in a second.",
            "Too many requests. Please try again in %(number)s seconds.",
            seconds,
        )


class TooManyPosts(TooMany):
    """A client sent more than it may in a time; its form still holds what was typed."""

    @staticmethod
    def said(seconds: int) -> Message:
        """What happened, what became of the text, and when to come again."""
        return nmessage(
            "Too many posts in a short time. Your text is saved; please try again in a second.",
            "Too many posts in a short time. Your text is saved; please try again in %(number)s seconds.",
            seconds,
        )


class SlowMode(TooMany):
    """An author posted in this thread a short while ago, and a moderator set it to slow mode."""

    @staticmethod
    def said(seconds: int) -> Message:
        """What happened, what became of the text, and when to come again."""
        return nmessage(
            "This discussion is in slow mode. Your text is saved; please try again in a second.",
            "This discussion is in slow mode. Your text is saved; please try again in %(number)s seconds.",
            seconds,
        )


class Busy(Problem):
    """The service cannot take this now; trying again soon, in *seconds*, will do."""

    seconds = 2


class QueueFull(Busy):
    """So many comments of the site wait for a moderator that no more can; it takes people to change that."""

    seconds = 600


class BadSetting(Problem):
    """A setting is wrong; the detail names it, what it was, and what it may be."""


class NoService(BadSetting):
    """There is no service where the settings point to, and this is not to create one."""


class SchemaOutdated(Problem):
    """The database is of an older or newer version than this program."""
