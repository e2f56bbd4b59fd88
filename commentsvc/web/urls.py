"""The one place that makes the URLs of pages: links begin with the path of BASE_URL, or with all of it elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from flask import request

from commentsvc.actions import read
from commentsvc.actions.read import PageRequest
from commentsvc.model import Order, Site
from commentsvc.storage.sites import DEFAULT
from commentsvc.web import context, parameters
from commentsvc.web.languages import language


def root() -> str:
    """What the paths of this service begin with, such as `/comments`; empty for most."""
    return context.service().settings.base_path()


def front_page() -> str:
    """What this is, and where to go."""
    return f"{root()}/"


def docs() -> str:
    """The interface for developers."""
    return f"{root()}/docs"


def me() -> str:
    """Where one asks for what belongs to an address."""
    return f"{root()}/me"


def queue() -> str:
    """The moderators' desk."""
    return f"{root()}/moderation"


def decide() -> str:
    """Where the desk's forms send a decision."""
    return f"{root()}/moderation/decide"


def decide_chosen() -> str:
    """Where the desk's form sends a decision about several comments."""
    return f"{root()}/moderation/decide/chosen"


def decide_all() -> str:
    """Where the desk asks what to decide about all that match, and where its form goes."""
    return f"{root()}/moderation/decide/all"


def desk_comment(comment: str) -> str:
    """One comment at the desk."""
    return f"{root()}/moderation/comments/{quote(comment)}"


def desk_job(job: str) -> str:
    """The desk's page of a job."""
    return f"{root()}/moderation/jobs/{quote(job)}"


def cancel_job(job: str) -> str:
    """Where the button goes that cancels a job."""
    return f"{desk_job(job)}/cancel"


def block() -> str:
    """Where the desk's forms send a block."""
    return f"{root()}/moderation/block"


def desk_thread(site: str, article: str, what: str = "", cursor: str | None = None) -> str:
    """The desk's page of a thread, behind a *cursor*; or where its forms send *what* they do."""
    query = {"article": article, "site": site} | ({"cursor": cursor} if cursor else {})
    return f"{root()}/moderation/thread{what}?{urlencode(query)}"


def undo() -> str:
    """Where the desk's forms send what is to be undone."""
    return f"{root()}/moderation/undo"


def log() -> str:
    """The desk's log of decisions."""
    return f"{root()}/moderation/log"


def undo_logged() -> str:
    """Where the log's forms send what is to be undone."""
    return f"{root()}/moderation/log/undo"


def rules() -> str:
    """The desk's rules and blocks."""
    return f"{root()}/moderation/rules"


def sign_in() -> str:
    """Where moderators sign in."""
    return f"{root()}/moderation/sign-in"


def account() -> str:
    """A moderator's own account."""
    return f"{root()}/moderation/account"


def second_step() -> str:
    """Where a second factor is asked for, after the password."""
    return f"{root()}/moderation/sign-in/second-factor"


def app_setup() -> str:
    """Where an authenticator app is set up."""
    return f"{root()}/moderation/account/app"


def outbox() -> str:
    """Where admins see what waits to be sent, and what died."""
    return f"{root()}/moderation/outbox"


def tokens() -> str:
    """Where admins look after API tokens."""
    return f"{root()}/moderation/tokens"


def webhooks() -> str:
    """Where admins look after webhooks."""
    return f"{root()}/moderation/webhooks"


def person() -> str:
    """Where admins show, hand out and erase what belongs to a person."""
    return f"{root()}/moderation/person"


def people() -> str:
    """Where admins look after people."""
    return f"{root()}/moderation/people"


@dataclass(frozen=True, slots=True)
class ThreadUrls:
    """Builds the URLs that a thread's markup links to, under `root`.

    `page` is the one that this thread's begin with: a fragment has hundreds of them.
    """

    root: str
    site: str
    article: str
    page_request: PageRequest
    lang: str = ""  # where one was asked for; else each page is in its reader's
    page: str = field(init=False)

    def __post_init__(self) -> None:
        """Write `page` down."""
        query = {"article": self.article}
        if self.site != DEFAULT:
            query["site"] = self.site
        if self.page_request.order != "oldest":
            query["order"] = str(self.page_request.order)
        if self.page_request.limit != read.DEFAULT_PAGE:
            query["limit"] = str(self.page_request.limit)
        if self.lang:
            query["lang"] = self.lang
        object.__setattr__(self, "page", f"{self.root}/thread?{urlencode(query)}")

    def thread(self, **more: str) -> str:
        """The whole page of this thread; *more* goes into the query."""
        return f"{self.page}&{urlencode(more)}" if more else self.page

    def this_page(self) -> str:
        """The page that was asked for, with all that it depends on."""
        return self.thread(cursor=self.page_request.cursor or "", comment=self.page_request.around or "")

    def comment(self, comment: str) -> str:
        """The page on which that comment stands, at the comment; ids need no escapes."""
        return f"{self.page}&comment={comment}#comment-{comment}"

    def reply(self, comment: str) -> str:
        """The page with the form set to answer that comment."""
        return f"{self.page}&comment={comment}&reply_to={comment}#respond"

    def own(self, comment: str, receipt: str) -> str:
        """As `comment`, for its author: the page shows the private link, as long as *receipt* is good."""
        return f"{self.page}&comment={comment}&own={receipt}#comment-{comment}"

    def waits(self, receipt: str) -> str:
        """The page that says that one's comment waits."""
        return f"{self.thread(held='1', own=receipt)}#status"

    def edit(self, comment: str) -> str:
        """Where its author edits or deletes that comment, with the edit key in a form."""
        query = self.page.removeprefix(f"{self.root}/thread?")
        return f"{self.root}/thread/edit?{query}&comment={quote(comment)}"

    def report(self, comment: str) -> str:
        """Where a reader reports that comment."""
        query = {"article": self.article} | ({} if self.site == DEFAULT else {"site": self.site})
        query |= {"lang": self.lang} if self.lang else {}
        return f"{self.root}/thread/report?{urlencode(query)}&comment={quote(comment)}"

    def reasons(self, comment: str) -> str:
        """Where its author objects to a decision against that comment, with the edit key in a form."""
        return self.edit(comment).replace("/thread/edit?", "/thread/reasons?", 1)

    def private(self, comment: str, key: str) -> str:
        """The private link, to keep. The edit key is its fragment, which no browser sends and no server logs."""
        return f"{self.edit(comment)}#key={key}"

    def ordered(self, order: str) -> str:
        """The beginning of this thread in that order."""
        return replace(self, page_request=PageRequest(Order(order), self.page_request.limit)).page

    def feed(self, form: str = "atom") -> str:
        """The feed of this thread in that *form*, `atom` or `json`."""
        query = {"article": self.article} | ({} if self.site == DEFAULT else {"site": self.site})
        return f"{self.root}/feeds/thread.{form}?{urlencode(query)}"


def thread_urls(site: Site, article: str) -> ThreadUrls:
    """Where the links of this page lead."""
    root = context.service().settings.base_path()
    return ThreadUrls(root, site.slug, article, parameters.page_request(), asked_language())


def asked_language() -> str:
    """The language of the answer where its URL names one; empty where the reader's will do."""
    return language() if request.args.get("lang") else ""
