"""The moderators' desk in the browser: plain pages and forms, without a script."""

from __future__ import annotations

from secrets import token_urlsafe
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, redirect, render_template, request, session
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.actions import accounts, moderate, reported, sites
from commentsvc.actions import decide as deciding
from commentsvc.actions.undo import undo_request
from commentsvc.errors import Invalid, Problem, TooMany
from commentsvc.http_terms import HTML
from commentsvc.model import Action, Moderator, Seen, State, Undoing
from commentsvc.moderation.named_requests import Named
from commentsvc.web import auth, context, parameters, problems, urls
from commentsvc.web.descriptions import described
from commentsvc.web.desk import searches
from commentsvc.web.forms import DecisionForm, PlainForm, SignInForm, UndoForm, csrf_token
from commentsvc.web.moderation import queue_request
from commentsvc.web.responses import uncacheable

desk = Blueprint("desk", __name__, url_prefix="/moderation")

STALE = "This page has expired. Please press the button again."
DONE = {
    Action.APPROVE: "Approved.",
    Action.HOLD: "Held.",
    Action.SPAM: "Marked as spam.",
    Action.TRASH: "Moved to the trash.",
}
NOTHING_TO_UNDO = "message"  # the category that Flask gives what is flashed without one
NAME_BYTES = 12  # of the id of a decision, by which it can be undone
ALL = "all"  # of the form to search: comments of every state
UNREAD = -1  # no revision of any comment
FILTERS = ("state", "site", "article", "q", "email", "email_of", "reported", "cursor")
PRIVATE = ("q", "email")  # what is typed there may be an e-mail address: it goes sealed into an address


@desk.get("")
@described("The desk", {200: HTML, 303: None}, refusals=(429,), security=("session",))
def queue() -> AnyResponse:
    """The queue: 50 comments a page, oldest first."""
    moderator = auth.of_session()
    if moderator is None:
        return redirect(urls.sign_in(), 303)
    return _queue(moderator)


def _queue(moderator: Moderator) -> Response:
    asked, chosen = parameters.query(), _chosen()
    refused = None
    try:
        if asked.getlist("state") == [ALL]:  # of the form; an empty one is as good as none
            asked.poplist("state")
        asked.update({name: chosen[name] for name in PRIVATE if name in chosen and name not in asked})
        filters = queue_request(asked, None if chosen else State.PENDING)
        listed, following = moderate.list_queue(context.service(), context.reading(), moderator, filters)
    except Problem as problem:
        refused, listed, following = problem, [], None
    chosen = chosen or {"state": State.PENDING}
    theirs = [
        site.slug
        for site in sites.all_sites(context.service(), context.reading())
        if moderator.may_see(site.id)
    ]
    html = render_template(
        "desk/queue.html",
        moderator=moderator,
        comments=listed,
        chosen=chosen,
        sites=theirs,
        problem=refused,
        next_page=_here(chosen | {"cursor": following}) if following else None,
        here=_here,
        decide=_here(chosen, urls.decide()),
        undo=_here(chosen, urls.undo()),
        block=_here(chosen, urls.block()),
        states=list(State),
        counts=moderate.count_states(context.reading(), moderator, None),
        reported=reported.count_reported(context.reading(), moderator, None),
        matters=reported.open_matters(context.service(), context.reading(), listed),
        csrf_token=csrf_token(),
        root=urls.root(),
    )
    response = uncacheable(Response(html, content_type=HTML))
    if refused is not None:
        response.status_code = problems.status_of(refused)
    return response


def _chosen() -> dict[str, str]:
    """What the address of the page asks for; what was sealed into it is opened."""
    chosen = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    return chosen | searches.opened(context.service(), request.args.get("search", ""))


@desk.post("/search")
@described("The desk", {303: None}, security=("session",))
def search() -> AnyResponse:
    """Look for what was typed; an e-mail address goes on sealed, so that it stands in no log and no history."""
    if auth.who() is None:
        return redirect(urls.sign_in(), 303)
    if not PlainForm().validate():
        flash(STALE)
        return redirect(_here({}), 303)
    return redirect(_here({name: request.form[name] for name in FILTERS if request.form.get(name)}), 303)


@desk.post("/decide")
@described("The desk", {303: None}, refusals=(429,), security=("session",))
def decide() -> AnyResponse:
    """One click: the decision is carried out, and the queue is shown again as it was."""
    moderator = auth.of_session()
    if moderator is None:
        return redirect(urls.sign_in(), 303)
    form = DecisionForm()
    back = _chosen()
    if not form.validate():
        flash(STALE)
        return redirect(_here(back), 303)
    try:
        action = Action(form.action.data or "")
    except ValueError:
        action = None
    if action is None or action not in DONE or (form.author.data and action is Action.APPROVE):
        flash("Nothing was changed: this button is not known here.")
        return redirect(_here(back), 303)
    named = Named(token_urlsafe(NAME_BYTES), b"")
    decided = _decided_author if form.author.data else _decided
    text, changed = decided(moderator, form, action, named)
    flash(text, named.id if changed else NOTHING_TO_UNDO)
    return redirect(_here(back), 303)


@desk.post("/undo")
@described("The desk", {303: None}, refusals=(429,), security=("session",))
def undo() -> AnyResponse:
    """Undo what one click decided."""
    moderator = auth.of_session()
    if moderator is None:
        return redirect(urls.sign_in(), 303)
    form, back = UndoForm(), _chosen()
    if not form.validate():
        flash(STALE)
        return redirect(_here(back), 303)
    done = undo_request(context.service_to_write(), moderator, form.request.data or "")
    flash(_undone(done))
    return redirect(_here(back), 303)


def _undone(done: Undoing) -> str:
    if not done.undone and not done.refused:
        return "There is nothing to undo."
    if not done.refused:
        return "Undone."
    kept = len(done.refused)
    return f"Undone: {len(done.undone)}. Not undone: {kept}, as they were decided again or erased since then."


def _decided(moderator: Moderator, form: DecisionForm, action: Action, named: Named) -> tuple[str, bool]:
    """Decide about the comment as it was read; say what became of it, and whether there is something to undo."""
    revision = form.revision.data or ""
    read = int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else UNREAD
    seen = Seen(form.comment.data or "", read)
    done = deciding.decide(context.service_to_write(), moderator, [seen], action, None, named)
    if done.conflicts:
        return "Nothing was changed: its author has edited this comment. Please read it again.", False
    if done.missing:
        return "This comment no longer exists.", False
    return DONE[action], any(one.decision for one in done.decided)


def _decided_author(
    moderator: Moderator, form: DecisionForm, action: Action, named: Named
) -> tuple[str, bool]:
    """Decide about all of an author; say how many comments that were, and whether there is something to undo."""
    try:
        done = deciding.decide_author(
            context.service_to_write(), moderator, form.author.data or "", action, None, named
        )
    except Invalid as refused:
        return "Nothing was changed. " + " ".join(refused.errors["author"]), False
    changed = any(one.decision for one in done.decided)
    return f"{DONE[action]} All of this author: {len(done.decided)}.", changed


@desk.get("/sign-in")
@described("The desk", {200: HTML})
def sign_in_page() -> AnyResponse:
    """The form to sign in."""
    return _sign_in_page(SignInForm(formdata=None))


@desk.post("/sign-in")
@described("The desk", {303: None, 422: HTML, 429: HTML})
def sign_in() -> AnyResponse:
    """Check an address and a password, and begin a session."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form, STALE, 422)
    email = form.email.data or ""
    device = auth.device_of(email)
    try:
        context.limits().spend_sign_in(email, device)
    except TooMany as refused:
        refusal = f"That was tried too often. Please wait {refused.seconds} seconds."
        page = _sign_in_page(form, refusal, problems.status_of(refused))
        page.headers.update(problems.headers_of(refused))
        return page
    secret = accounts.sign_in(context.service_to_write(), email, form.password.data or "", auth.browser())
    if secret is None:
        context.limits().spend_failed_sign_in(email, device)
        return _sign_in_page(form, "Incorrect email or password.", 422)
    auth.begin(secret)
    response = redirect(urls.queue(), 303)
    auth.remember_device(response, email)
    return response


@desk.post("/sign-out")
@described("The desk", {303: None}, security=("session",))
def sign_out() -> AnyResponse:
    """End this account's sessions, on all its devices; the browser forgets what it kept of the service."""
    response = redirect(urls.sign_in(), 303)
    who = auth.who()
    if PlainForm().validate() and who is not None:
        accounts.sign_out(context.service_to_write(), who)
        session.clear()
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _sign_in_page(form: SignInForm, refusal: str | None = None, status: int = 200) -> Response:
    html = render_template(
        "desk/sign_in.html", form=form, refusal=refusal, root=urls.root(), csrf_token=csrf_token()
    )
    return uncacheable(Response(html, status=status, content_type=HTML))


def _here(chosen: dict[str, str], page: str | None = None) -> str:
    """The page with that choice; an address that is looked for stands in it sealed."""
    query = {name: str(value) for name, value in chosen.items() if value}
    typed = {
        name: value for name, value in query.items() if name == "email" or (name == "q" and "@" in value)
    }
    if typed:
        query = {name: value for name, value in query.items() if name not in typed}
        query["search"] = searches.sealed(context.service(), typed)
    page = page or urls.queue()
    return f"{page}?{urlencode(query)}" if query else page
