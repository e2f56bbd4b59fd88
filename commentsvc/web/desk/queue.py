"""The moderators' desk in the browser: plain pages and forms, which need no script."""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_urlsafe

from flask import Response, redirect, render_template, request, session
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.actions import accounts, bulk_decide, moderate, reported, sites
from commentsvc.actions import decide as deciding
from commentsvc.actions import desk as browsing
from commentsvc.actions.accounts import HalfSignedIn
from commentsvc.actions.moderate import QueueRequest
from commentsvc.actions.undo import undo_request
from commentsvc.errors import Invalid, Problem, TooMany
from commentsvc.http_terms import HTML
from commentsvc.jobs import queue as jobs
from commentsvc.jobs.decide import DECIDE
from commentsvc.messages import message, nmessage
from commentsvc.model import Action, Conflict, Moderator, Permission, Seen, State, Undoing
from commentsvc.moderation.named_requests import Named
from commentsvc.web import auth, context, parameters, problems, urls
from commentsvc.web.descriptions import described
from commentsvc.web.desk import days, searches
from commentsvc.web.desk.entries import entry_values, here, reasons
from commentsvc.web.desk.labels import DONE
from commentsvc.web.desk.navigation import desk_page
from commentsvc.web.desk.script_words import script_words
from commentsvc.web.desk.telling import PLAIN, tell
from commentsvc.web.forms import ChosenForm, DecisionForm, PlainForm, SignInForm, UndoForm, csrf_token
from commentsvc.web.languages import ForReaders, all_errors, translated
from commentsvc.web.message_pages import to_sign_in
from commentsvc.web.moderation import queue_request
from commentsvc.web.responses import uncacheable

desk = ForReaders("desk", __name__, url_prefix="/moderation")

STALE = message("This page has expired. Please press the button again.")
UNKNOWN = message("Nothing was changed: this button is not known here.")
NAME_BYTES = 12  # of the id of a decision, by which it can be undone
ALL = "all"  # of the form to search: comments of every state
UNREAD = -1  # no revision of any comment
FILTERS = (
    "state",
    "site",
    "article",
    "q",
    "email",
    "email_of",
    "network",
    "reported",
    "author",
    "check",
    "links",
    "since",
    "until",
    "order",
    "cursor",
)
FURTHER = frozenset(FILTERS) - {"state", "q", "reported", "cursor"}
PRIVATE = ("q", "email", "network")  # what is typed there may be an address: it goes sealed into an address


@desk.get("")
@described("The desk", {200: HTML, 303: None}, refusals=(429,), security=("session",))
def queue() -> AnyResponse:
    """The queue: 50 comments a page, oldest first."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    return _queue(moderator)


def _queue(moderator: Moderator) -> Response:
    chosen = chosen_here()
    refused = None
    try:
        wanted = request_of(chosen)
        listed, following = moderate.list_queue(context.service(), context.reading(), moderator, wanted)
    except Problem as problem:
        refused, listed, following = problem, [], None
    chosen = chosen or {"state": State.PENDING}
    theirs = [
        site.slug
        for site in sites.all_sites(context.service(), context.reading())
        if moderator.may_see(site.id)
    ]
    response = desk_page(
        "desk/queue.html",
        moderator,
        "",
        scripted=moderator.may(Permission.DECIDE),
        script_words=script_words,
        comments=listed,
        chosen=chosen,
        sites=theirs,
        problem=refused,
        next_page=here(chosen | {"cursor": following}) if following else None,
        here=here,
        desk=entry_values(moderator, chosen),
        contexts=browsing.contexts(context.service(), context.reading(), moderator, listed),
        checks=sites.check_names(context.service()),
        is_further=not FURTHER.isdisjoint(chosen),
        decide_chosen=here(chosen, urls.decide_chosen()),
        decide_all=here(
            {name: value for name, value in chosen.items() if name != "cursor"}, urls.decide_all()
        ),
        undo=here(chosen, urls.undo()),
        states=list(State),
        counts=moderate.count_states(context.reading(), moderator, None),
        reported=reported.count_reported(context.reading(), moderator, None),
    )
    if refused is not None:
        response.status_code = problems.status_of(refused)
    return response


def request_of(chosen: dict[str, str]) -> QueueRequest:
    """Which comments the desk lists for what was chosen: those that wait, where nothing was.

    :raises Problem: it cannot be asked for.
    """
    asked = parameters.query()
    if asked.getlist("state") == [ALL]:  # of the form; an empty one is as good as none
        asked.poplist("state")
    asked.update({name: chosen[name] for name in PRIVATE if name in chosen and name not in asked})
    for name in ("since", "until"):
        if name in asked:
            asked[name] = days.moment_of(asked[name])
    return queue_request(asked, None if chosen else State.PENDING)


def chosen_here() -> dict[str, str]:
    """What the address of the page asks for; what was sealed into it is opened."""
    chosen = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    search = request.args.get("search")
    return chosen | searches.opened(context.service(), auth.id_of_session(), search) if search else chosen


@desk.post("/search")
@described("The desk", {303: None}, security=("session",))
def search() -> AnyResponse:
    """Look for what was typed; an e-mail address goes on sealed, so that it stands in no log and no history."""
    if auth.who() is None:
        return to_sign_in()
    if not PlainForm().validate():
        tell(STALE)
        return redirect(here({}), 303)
    return redirect(here({name: request.form[name] for name in FILTERS if request.form.get(name)}), 303)


@desk.post("/decide")
@described("The desk", {303: None}, refusals=(429,), security=("session",))
def decide() -> AnyResponse:
    """One click: the decision is carried out, and the queue is shown again as it was."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    form = DecisionForm()
    back = chosen_here()
    if not form.validate():
        tell(STALE)
        return redirect(here(back), 303)
    try:
        action = Action(form.action.data or "")
    except ValueError:
        action = None
    if action is None or action not in DONE or (form.author.data and action is Action.APPROVE):
        tell(UNKNOWN)
        return redirect(here(back), 303)
    named = Named(token_urlsafe(NAME_BYTES), b"")
    if form.reason.data and all(form.reason.data not in texts for texts in reasons(moderator).values()):
        tell(STALE)  # the site has other texts since the page was read
        return redirect(here(back), 303)
    decided = _decided_author if form.author.data else _decided
    try:
        text, changed = decided(moderator, form, action, named)
    except deciding.ManyOfAuthor:
        work, author = context.reading(), form.author.data or ""
        asked = bulk_decide.ask_about_author(work, moderator, author, action, None)
        job, _ = jobs.start(context.service_to_write(), DECIDE, asked.as_arguments())
        return redirect(urls.desk_job(job.public_id), 303)
    tell(text, named.id if changed else PLAIN)
    return redirect(here(back), 303)


@desk.post("/decide/chosen")
@described("The desk", {303: None}, refusals=(429,), security=("session",))
def decide_chosen() -> AnyResponse:
    """One click for all comments that were selected on a page."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    form, back = ChosenForm(), chosen_here()
    action = form.action.data or ""
    if not form.validate():
        tell(STALE)
    elif action not in DONE:
        tell(UNKNOWN)
    else:
        named = Named(token_urlsafe(NAME_BYTES), b"")
        text, changed = _decided_chosen(moderator, request.form.getlist("seen"), Action(action), named)
        tell(text, named.id if changed else PLAIN)
    return redirect(here(back), 303)


@desk.post("/undo")
@described("The desk", {303: None}, refusals=(429,), security=("session",))
def undo() -> AnyResponse:
    """Undo what one click decided."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    form, back = UndoForm(), chosen_here()
    if not form.validate():
        tell(STALE)
        return redirect(here(back), 303)
    done = undo_request(context.service_to_write(), moderator, form.request.data or "")
    tell(_undone(done))
    return redirect(here(back), 303)


def _undone(done: Undoing) -> str:
    if not done.undone and not done.refused:
        return message("There is nothing to undo.")
    if not done.refused:
        return message("Undone.")
    kept = len(done.refused)
    return message(
        "Undone: %(undone)s. Not undone: %(kept)s, as they were decided again or erased since then.",
        undone=len(done.undone),
        kept=kept,
    )


def _decided(moderator: Moderator, form: DecisionForm, action: Action, named: Named) -> tuple[str, bool]:
    """Decide about the comment as it was read; say what became of it, and whether there is something to undo."""
    seen = seen_of(form.comment.data or "", form.revision.data or "", form.state.data or "")
    reason = None if action is Action.APPROVE else form.reason.data or None
    done = deciding.decide(context.service_to_write(), moderator, [seen], action, reason, named)
    if done.conflicts:
        return why_not(done.conflicts[0]), False
    if done.missing:
        return message("This comment no longer exists."), False
    return DONE[action], any(one.decision for one in done.decided)


def _decided_chosen(
    moderator: Moderator, chosen: Sequence[str], action: Action, named: Named
) -> tuple[str, bool]:
    """Decide about the comments that were selected, as they were read; say how many that were."""
    seen = [seen_of(*[*one.split(" "), "", ""][:3]) for one in chosen]
    if not seen:
        return message("Nothing was changed: no comment was selected."), False
    if len(seen) > deciding.MAX_DECIDED:
        return message(
            "Nothing was changed: select at most %(most)s comments.", most=deciding.MAX_DECIDED
        ), False
    done = deciding.decide(context.service_to_write(), moderator, seen, action, None, named)
    decided, left = len(done.decided), len(done.missing) + len(done.conflicts)
    said = [DONE[action], message("Comments: %(number)s.", number=decided)]
    if left:
        said.append(
            message(
                "Not changed: %(number)s, as they were edited, decided or erased since you read them.",
                number=left,
            )
        )
    text = " ".join(map(translated, said))
    return text, any(one.decision for one in done.decided)


def seen_of(comment: str, revision: str, state: str) -> Seen:
    """A comment as its form says that it was read."""
    read = int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else UNREAD
    return Seen(comment, read, State(state) if state in set(State) else None)


def why_not(conflict: Conflict) -> str:
    """Why a comment was not decided about, for a person."""
    if conflict.why == "edited-meanwhile":
        return message("Nothing was changed: its author has edited this comment. Please read it again.")
    if conflict.by_name:
        return message(
            "Nothing was changed: %(name)s has decided about this comment. Please read it again.",
            name=conflict.by_name,
        )
    return message("Nothing was changed: it has been decided already. Please read it again.")


def _decided_author(
    moderator: Moderator, form: DecisionForm, action: Action, named: Named
) -> tuple[str, bool]:
    """Decide about all of an author; say how many comments that were, and whether there is something to undo."""
    try:
        done = deciding.decide_author(
            context.service_to_write(), moderator, form.author.data or "", action, None, named
        )
    except Invalid as refused:
        return message("Nothing was changed. %(why)s", why=all_errors(refused)), False
    changed = any(one.decision for one in done.decided)
    of_author = message("All of this author: %(number)s.", number=len(done.decided))
    return f"{translated(DONE[action])} {translated(of_author)}", changed


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
        refusal = nmessage(
            "That was tried too often. Please wait %(number)s second.",
            "That was tried too often. Please wait %(number)s seconds.",
            refused.seconds,
        )
        page = _sign_in_page(form, refusal, problems.status_of(refused))
        page.headers.update(problems.headers_of(refused))
        return page
    secret = accounts.sign_in(
        context.service_to_write(), email, form.password.data or "", auth.browser(email)
    )
    if secret is None:
        context.limits().spend_failed_sign_in(email, device)
        return _sign_in_page(form, message("Incorrect email or password."), 422)
    if isinstance(secret, HalfSignedIn):
        auth.begin_half(secret.ticket)
        return redirect(urls.second_step(), 303)
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
        "desk/sign_in.html",
        form=form,
        refusal=refusal and translated(refusal),
        root=urls.root(),
        csrf_token=csrf_token(),
    )
    return uncacheable(Response(html, status=status, content_type=HTML))
