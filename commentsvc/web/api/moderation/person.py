"""What belongs to the person of an e-mail address: shown, handed out and erased by admins."""

from __future__ import annotations

from typing import Literal

from flask import Response
from msgspec import Struct

from commentsvc.actions import erase_person, persons
from commentsvc.actions.sites import site_of
from commentsvc.errors import Invalid
from commentsvc.model import Certificate, PersonFile, PersonSummary
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import MODERATION, described
from commentsvc.web.schemas import private_json


class PersonRequest(Struct):
    """Whose data is meant, and what is done with it; `keep_text` is for `erase` alone."""

    email: str
    do: Literal["show", "export", "erase"]
    keep_text: bool = False
    site: str | None = None


@moderating.post("/person")
@described(
    answers={200: PersonSummary | PersonFile | Certificate},
    request=PersonRequest,
    refusals=(400, 403, 404, 415, 422, 429),
    **MODERATION,
)
def person() -> Response:
    """What belongs to the person of an address: in short, all of it, or erased, with a certificate; admins."""
    moderator = auth.of_request()
    asked = parameters.json_as(PersonRequest)
    if asked.keep_text and asked.do != "erase":
        raise Invalid({"keep_text": ["This is for “erase” alone."]})
    work = context.reading()
    persons.require_admin_somewhere(moderator)
    site = None if asked.site is None else site_of(context.service(), work, asked.site)
    if asked.do == "show":
        return private_json(persons.show_person(context.service(), work, moderator, asked.email, site))
    if asked.do == "export":
        return private_json(persons.export_person(context.service(), work, moderator, asked.email, site))
    service = context.service_to_write()
    return private_json(
        erase_person.erase_person(service, moderator, asked.email, site, keep_text=asked.keep_text)
    )
