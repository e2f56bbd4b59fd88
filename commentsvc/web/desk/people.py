"""People at the desk: admins invite them, change what they may do, and sign them out."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.actions import people, sites
from commentsvc.actions.accounts import SignedIn
from commentsvc.actions.people import Changes
from commentsvc.errors import Invalid, Problem
from commentsvc.http_terms import HTML
from commentsvc.messages import message
from commentsvc.model import InvitedPerson, Role
from commentsvc.web import auth, context, urls
from commentsvc.web.descriptions import described
from commentsvc.web.desk.pages import STALE, page
from commentsvc.web.desk.telling import tell
from commentsvc.web.forms import PersonForm
from commentsvc.web.languages import ForReaders
from commentsvc.web.message_pages import to_sign_in

ALL_SITES = "*"  # which no site is called

managing = ForReaders("managing", __name__, url_prefix="/moderation/people")


@managing.get("")
@described("The desk", {200: HTML, 303: None}, refusals=(403, 429), security=("session",))
def show() -> AnyResponse:
    """All people, and the form to invite one."""
    who = auth.person_of_page()
    return to_sign_in() if who is None else _page(who)


@managing.post("")
@described("The desk", {200: HTML, 303: None, 422: HTML}, refusals=(403, 429), security=("session",))
def invite() -> AnyResponse:
    """Invite somebody; the page shows the link this once."""

    def invited(who: SignedIn, form: PersonForm) -> AnyResponse:
        person = people.invite(
            context.service_to_write(),
            who.moderator,
            form.email.data or "",
            _role(form),
            _sites(),
            form.name.data,
        )
        return _page(who, invited=person)

    return _sent(invited)


@managing.post("/change")
@described("The desk", {303: None, 409: HTML, 422: HTML}, refusals=(403, 404, 429), security=("session",))
def change() -> AnyResponse:
    """Change somebody's role and sites."""

    def changed(who: SignedIn, form: PersonForm) -> AnyResponse:
        changes = Changes(role=_role(form), sites=(_sites(),))
        person = people.change_person(
            context.service_to_write(), who.moderator, form.person.data or "", changes
        )
        tell(message("Changed what %(email)s may do.", email=person.email))
        return redirect(urls.people(), 303)

    return _sent(changed)


@managing.post("/reset-second-factor")
@described("The desk", {303: None, 422: HTML}, refusals=(403, 404, 429), security=("session",))
def reset_second_factor() -> AnyResponse:
    """Remove the second factors of somebody who lost them, and end their sessions."""

    def reset(who: SignedIn, form: PersonForm) -> AnyResponse:
        changes = Changes(reset_second_factor=True)
        person = people.change_person(
            context.service_to_write(), who.moderator, form.person.data or "", changes
        )
        tell(message("Removed the second factors of %(email)s, and signed them out.", email=person.email))
        return redirect(urls.people(), 303)

    return _sent(reset)


@managing.post("/remove")
@described("The desk", {303: None, 409: HTML, 422: HTML}, refusals=(403, 404, 429), security=("session",))
def remove() -> AnyResponse:
    """Remove somebody, or withdraw an invitation."""

    def removed(who: SignedIn, form: PersonForm) -> AnyResponse:
        people.remove_person(context.service_to_write(), who.moderator, form.person.data or "")
        tell(message("Removed."))
        return redirect(urls.people(), 303)

    return _sent(removed)


def _sent(act: Callable[[SignedIn, PersonForm], AnyResponse]) -> AnyResponse:
    """Do what a form of this page asks for; what is refused is said on the page, with what was typed."""
    who = auth.person_of_page()
    if who is None:
        return to_sign_in()
    form = PersonForm()
    try:
        if not form.validate():
            raise Invalid({"form": [STALE]})
        return act(who, form)
    except Problem as refused:
        return _page(who, refused, form)


def _role(form: PersonForm) -> Role:
    try:
        return Role(form.role.data or "")
    except ValueError:
        raise Invalid({"form": [message("Choose a role.")]}) from None


def _sites() -> list[str] | None:
    """The sites that are ticked, or None for all. Who unticks the last one has not asked for all of them.

    :raises Invalid: none is ticked, or all and some besides.
    """
    ticked = request.form.getlist("site")
    if ticked == [ALL_SITES]:
        return None
    if not ticked or ALL_SITES in ticked:
        raise Invalid({"form": [message("Choose all sites, or those that are meant.")]})
    return ticked


def _page(
    who: SignedIn,
    refused: Problem | None = None,
    form: PersonForm | None = None,
    invited: InvitedPerson | None = None,
) -> Response:
    service, work = context.service(), context.reading()
    return page(
        "desk/people.html",
        refused,
        who=who,
        form=form or PersonForm(formdata=None),
        chosen=request.form.getlist("site") if invited is None else [],
        invited=invited,
        people=people.list_people(service, work, who.moderator),
        roles=list(Role),
        sites=[site.slug for site in sites.all_sites(service, work)],
    )
