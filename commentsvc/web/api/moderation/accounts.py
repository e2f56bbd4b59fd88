"""People: listed, invited, changed and removed by admins; everybody sees themselves."""

from __future__ import annotations

from flask import Response
from msgspec import UNSET, Struct, UnsetType

from commentsvc.actions import mail_choices, people
from commentsvc.actions.mail_choices import MailChanges
from commentsvc.actions.people import Changes
from commentsvc.errors import Invalid
from commentsvc.model import InvitedPerson, Myself, Person, Role, WaitingMail
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import MODERATION, described
from commentsvc.web.responses import uncacheable
from commentsvc.web.schemas import People, private_json


class PersonRequest(Struct):
    """Somebody to invite; without sites, to all."""

    email: str
    role: Role
    sites: list[str] | None = None
    name: str | None = None


class PersonChange(Struct):
    """What to change about somebody; what is left out stays. `second_factor` false removes all that they have."""

    role: Role | UnsetType = UNSET
    sites: list[str] | UnsetType | None = UNSET
    name: str | UnsetType | None = UNSET
    second_factor: bool | UnsetType = UNSET


class MailChange(Struct):
    """What to change of what one is told of; what is left out stays. `sites` null means all of one's own."""

    waiting: WaitingMail | UnsetType = UNSET
    reports: bool | UnsetType = UNSET
    sites: list[str] | UnsetType | None = UNSET


class OwnChange(Struct):
    """What to change about oneself."""

    mail: MailChange


@moderating.get("/people")
@described(answers={200: People}, refusals=(403, 429), **MODERATION)
def list_people() -> Response:
    """All people, by address; admins of all sites."""
    moderator = auth.of_request()
    return private_json(People(people.list_people(context.service(), context.reading(), moderator), None))


@moderating.post("/people")
@described(
    answers={201: InvitedPerson},
    request=PersonRequest,
    refusals=(400, 403, 404, 415, 422, 429),
    **MODERATION,
)
def invite() -> Response:
    """Invite somebody; `invitation` is a link, shown this once, good once and for seven days. Admins of all sites."""
    moderator = auth.of_request()
    body = parameters.json_as(PersonRequest)
    service = context.service_to_write()
    return private_json(people.invite(service, moderator, body.email, body.role, body.sites, body.name), 201)


@moderating.get("/people/me")
@described("Moderating", {200: Myself}, refusals=(403, 429), security=("session",))
def read_myself() -> Response:
    """Who one is, and what one is told of by mail; a program is nobody."""
    who = auth.person_of_request()
    return private_json(mail_choices.read_myself(context.service(), context.reading(), who.account))


@moderating.patch("/people/me")
@described(
    "Moderating",
    {200: Myself},
    request=OwnChange,
    refusals=(400, 403, 404, 415, 422, 429),
    security=("session",),
)
def change_myself() -> Response:
    """Change what one is told of by mail; a program is told of nothing."""
    who = auth.person_of_request()
    mail = parameters.json_as(OwnChange).mail
    changes = MailChanges(
        waiting=None if mail.waiting is UNSET else mail.waiting,
        reports=None if mail.reports is UNSET else mail.reports,
        sites=None if mail.sites is UNSET else (mail.sites,),
    )
    return private_json(mail_choices.change_own_mail(context.service_to_write(), who.account, changes))


@moderating.patch("/people/<person>")
@described(
    answers={200: Person},
    request=PersonChange,
    refusals=(400, 403, 404, 409, 415, 422, 429),
    **MODERATION,
)
def change_person(person: str) -> Response:
    """Change what somebody may do, from their next request on; 409 for the last admin. Admins of all sites."""
    moderator = auth.of_request()
    body = parameters.json_as(PersonChange)
    if body.second_factor is True:
        raise Invalid(
            {"second_factor": ["Everybody sets up their own; false removes all that somebody has."]}
        )
    changes = Changes(
        role=None if body.role is UNSET else body.role,
        sites=None if body.sites is UNSET else (body.sites,),
        name=None if body.name is UNSET else (body.name,),
        reset_second_factor=body.second_factor is False,
    )
    return private_json(people.change_person(context.service_to_write(), moderator, person, changes))


@moderating.delete("/people/<person>")
@described(answers={204: None}, refusals=(403, 404, 409, 429), **MODERATION)
def remove_person(person: str) -> Response:
    """Remove somebody, or withdraw an invitation; 409 for the last admin. Admins of all sites."""
    moderator = auth.of_request()
    people.remove_person(context.service_to_write(), moderator, person)
    return uncacheable(Response(status=204))
