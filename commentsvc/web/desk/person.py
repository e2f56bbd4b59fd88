"""What belongs to the person of an e-mail address, at the desk. The address stands in no address of a page."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.actions import erase_person, persons, sites
from commentsvc.actions.accounts import SignedIn
from commentsvc.errors import Invalid, Problem
from commentsvc.http_terms import HTML
from commentsvc.messages import message
from commentsvc.model import Certificate, PersonSummary, Site
from commentsvc.web import auth, context
from commentsvc.web.descriptions import described
from commentsvc.web.desk.pages import STALE, page
from commentsvc.web.forms import PersonalDataForm
from commentsvc.web.message_pages import to_sign_in
from commentsvc.web.responses import uncacheable
from commentsvc.web.schemas import JSON

MOST_LISTED = 200  # comments on the page; the file that is handed out has all

persons_at_desk = Blueprint("persons", __name__, url_prefix="/moderation/person")


@persons_at_desk.get("")
@described("The desk", {200: HTML, 303: None}, refusals=(403, 429), security=("session",))
def show() -> AnyResponse:
    """The form that asks whose data is meant."""
    who = auth.person_of_page()
    if who is None:
        return to_sign_in()
    persons.require_admin_somewhere(who.moderator)
    return _page(who)


@persons_at_desk.post("")
@described("The desk", {200: HTML, 303: None, 422: HTML}, refusals=(403, 404, 429), security=("session",))
def act() -> AnyResponse:
    """Show what is stored, hand it out as a file, or erase it."""
    who = auth.person_of_page()
    if who is None:
        return to_sign_in()
    persons.require_admin_somewhere(who.moderator)
    form = PersonalDataForm()
    try:
        if not form.validate():
            raise Invalid({"form": [STALE]})
        return _done(who, form)
    except Problem as refused:
        return _page(who, refused, form)


def _done(who: SignedIn, form: PersonalDataForm) -> AnyResponse:
    email, action = form.email.data or "", form.action.data
    site = _site(who, form)
    if action in {"erase", "anonymise"}:
        if not form.sure.data:
            raise Invalid({"form": [message("Please tick that you are sure.")]})
        certificate = erase_person.erase_person(
            context.service_to_write(), who.moderator, email, site, keep_text=action == "anonymise"
        )
        return _page(who, form=form, certificate=certificate)
    service, work = context.service(), context.reading()
    if action == "export":
        handed_out = persons.export_person(service, work, who.moderator, email, site)
        answer = Response(msgspec.json.format(msgspec.json.encode(handed_out)), content_type=JSON)
        answer.headers["Content-Disposition"] = 'attachment; filename="personal-data.json"'
        return uncacheable(answer)
    return _page(who, form=form, found=persons.show_person(service, work, who.moderator, email, site))


def _site(who: SignedIn, form: PersonalDataForm) -> Site | None:
    slug = form.site.data or None
    return None if slug is None else sites.site_of(context.service(), context.reading(), slug)


def _page(
    who: SignedIn,
    refused: Problem | None = None,
    form: PersonalDataForm | None = None,
    found: PersonSummary | None = None,
    certificate: Certificate | None = None,
) -> Response:
    service, work = context.service(), context.reading()
    told = None if certificate is None else msgspec.json.format(msgspec.json.encode(certificate)).decode()
    return page(
        "desk/person.html",
        refused,
        who=who,
        form=form or PersonalDataForm(formdata=None),
        sites=[site.slug for site in sites.all_sites(service, work) if who.moderator.may_see(site.id)],
        of_all=who.moderator.sites is None,
        found=found,
        listed=[] if found is None else found.comments[:MOST_LISTED],
        certificate=told,
        erased=certificate,
    )
