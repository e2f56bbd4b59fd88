"""What reporting and objecting as JSON and by plain forms have in common."""

from __future__ import annotations

from collections.abc import Mapping

from commentsvc.actions import reasons, report, sites
from commentsvc.errors import FieldErrors
from commentsvc.intake.reports import read_notice
from commentsvc.intake.submissions import SentFields
from commentsvc.model import Statement
from commentsvc.rate_limits.networks import networks_of
from commentsvc.web import context
from commentsvc.web.languages import translated
from commentsvc.web.limits import Counting
from commentsvc.web.origins import check_origin
from commentsvc.web.schemas import ReasonsAnswer

REPORT_FIELDS = ("token", "reason", "text", "name", "email")


def take_report(
    counting: Counting, comment: str, sent: Mapping[str, str], type_errors: FieldErrors, *, good_faith: bool
) -> None:
    """Take a report of the comment of that id, which need not exist.

    :raises Invalid: with the errors of all fields.
    :raises OriginRefused: it comes from a page of another site than its form token.
    :raises TooMany: the client reported too much.
    """
    service = context.service()
    site_id, notice = read_notice(service, SentFields(sent, type_errors), good_faith=good_faith)
    site = sites.by_id(service, context.reading(), site_id)
    check_origin(site)
    counting.report()
    report.report(context.service_to_write(), site, comment, notice, networks_of(context.client().ip))


def told_to_author(comment: str, key: str) -> ReasonsAnswer | None:
    """The statement of reasons that this edit key opens, if there is one."""
    statement = reasons.statement_if_any(context.service(), context.reading(), comment, key)
    return told(statement) if statement else None


def told(statement: Statement) -> ReasonsAnswer:
    """A statement of reasons in the language of the answer."""
    return ReasonsAnswer(
        decided_at=statement.decided_at,
        action=statement.action,
        scope=translated(statement.scope),
        facts=" ".join(map(translated, statement.facts)),
        automated=statement.automated,
        ground=translated(statement.ground),
        how_to_object=translated(statement.how_to_object),
        objection=statement.objection,
        can_object=statement.can_object,
    )
