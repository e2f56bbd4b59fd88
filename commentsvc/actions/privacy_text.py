"""A text for the privacy page of a site: what happens to what readers type, as this service is set up."""

from __future__ import annotations

from commentsvc.actions.retention import Kept, days_of
from commentsvc.model import Site
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork


def privacy_text(service: Service, work: UnitOfWork, site: Site) -> str:
    """Give the text, in English and Markdown. It is a draft: who is responsible, and why, the operator adds."""
    days = days_of(service, work)[site.id]
    settings = service.settings
    window = _minutes(settings.edit_window)
    paragraphs = [
        "## Comments",
        "Who leaves a comment here gives a name, an e-mail address, a text and, if they like, the address of a website. "
        "Name, text, website and the time are published. **The e-mail address is not published**, and nothing that is "
        "published is made from it: no picture, no number, no order. It is stored encrypted, and shown to this site's moderators alone, "
        "who need it to recognise abuse and to answer requests about personal data.",
        f"**How long.** A comment stays until it is deleted. Its author can do that for {window} after "
        "posting, and ask us at any time. "
        + _kept(
            days[Kept.EMAILS],
            "E-mail addresses are erased {days} after the comment was posted.",
            "The e-mail address stays as long as the comment.",
        )
        + " "
        + _kept(
            days[Kept.SPAM],
            "What moderators take for spam is erased after {days}.",
            "What moderators take for spam is hidden, and stays until they erase it.",
        )
        + " "
        + _kept(
            days[Kept.TRASH],
            "What they removed for other reasons is erased after {days}.",
            "What they removed for other reasons is hidden, and stays until they erase it.",
        )
        + " "
        + _log(days[Kept.LOG], settings.retain_log),
        "**Networks.** "
        + (
            "The full IP address of a reader is not stored. It counts, as a keyed hash, towards limits against floods for "
            "as long as these last, at most a day."
        )
        + " "
        + (
            f"Of where a comment came from we keep the network (the first 24 bits of an IPv4 address, the first 48 of an IPv6 address) for "
            f"{_days(site.retain_networks)}, encrypted, to recognise abuse."
            if site.retain_networks
            else "Of where a comment came from nothing is kept."
        ),
        "**In the browser.** Reading comments sets no cookie and stores nothing. Who types has the draft kept in their browser until it is "
        "sent, and then, for six months, a key to that comment. With “Remember me in this browser” name, address and website "
        "are kept there too. None of it goes to anybody but us.",
        "**Others.** Reading and posting contact no third party. Who reports a comment is asked for a reason; name and address are "
        "voluntary unless the law asks for them, and are shown to moderators alone. Why moderators decided is noted with their decision.",
        *_mail(settings.smtp_url is not None),
        "**Your rights.** You can ask us what is stored under your e-mail address, have a copy of it in a machine-readable "
        "form, have it corrected, and have it erased: the comments with their texts, or with the texts kept under the name “Anonymous”. "
        "You can object to a decision about your comment by the link that you were given with it, and complain to a supervisory authority.",
    ]
    return "\n\n".join(paragraphs)


def _mail(is_sent: bool) -> list[str]:
    if not is_sent:
        return []
    return [
        "**Emails.** Who ticks a box below the form is told of replies or of all new comments by e-mail. First we ask by e-mail whether that is wanted; "
        "without an answer nothing else is sent. Each e-mail has a link that ends it, at once and for good. For this we store what was asked for, in which "
        "language, and of which comments we told. Who enters an e-mail address on our page “Your comments and your data” gets a link there, and can "
        "see, download and erase what is stored with it. To which mail provider an e-mail went and whether it arrived is kept for seven days, or "
        "thirty where it could not be sent, with a keyed hash of the address and without its text."
    ]


def _kept(days: int | None, limited: str, unlimited: str) -> str:
    return unlimited if days is None else limited.format(days=_days(days))


def _log(reasons: int | None, entries: int | None) -> str:
    if entries is None and reasons is None:
        return "A log of what moderators decided, without e-mail addresses, is kept."
    if entries is None or (reasons is not None and reasons < entries):
        kept = "is kept" if entries is None else f"is kept for {_days(entries)}"
        return f"A log of what moderators decided, without e-mail addresses, {kept}; their reasons for {_days(reasons or 0)}."
    return f"A log of what moderators decided, without e-mail addresses, is kept for {_days(entries)}."


def _days(days: int) -> str:
    return "one day" if days == 1 else f"{days} days"


def _minutes(seconds: int) -> str:
    if seconds % 60 or not seconds:
        return f"{seconds} seconds"
    return "one minute" if seconds == 60 else f"{seconds // 60} minutes"
