"""The schema. Rows become the dataclasses of `model` at the edge of this package."""

from __future__ import annotations

from commentsvc.storage.tables.comments import AddressRow as AddressRow
from commentsvc.storage.tables.comments import CommentCountRow as CommentCountRow
from commentsvc.storage.tables.comments import CommentRow as CommentRow
from commentsvc.storage.tables.comments import NetworkRow as NetworkRow
from commentsvc.storage.tables.comments import SentFormRow as SentFormRow
from commentsvc.storage.tables.comments import SiteRow as SiteRow
from commentsvc.storage.tables.comments import SlowModePostRow as SlowModePostRow
from commentsvc.storage.tables.comments import SpentTokenRow as SpentTokenRow
from commentsvc.storage.tables.comments import ThreadRow as ThreadRow
from commentsvc.storage.tables.figures import FigureProgressRow as FigureProgressRow
from commentsvc.storage.tables.figures import FigureRow as FigureRow
from commentsvc.storage.tables.follows import FollowRow as FollowRow
from commentsvc.storage.tables.follows import NoticeRow as NoticeRow
from commentsvc.storage.tables.follows import QuestionRow as QuestionRow
from commentsvc.storage.tables.imports import ForeignIdRow as ForeignIdRow
from commentsvc.storage.tables.imports import ImportedThreadRow as ImportedThreadRow
from commentsvc.storage.tables.imports import ImportRow as ImportRow
from commentsvc.storage.tables.log import AuditChainRow as AuditChainRow
from commentsvc.storage.tables.log import AuditRow as AuditRow
from commentsvc.storage.tables.log import DecisionRow as DecisionRow
from commentsvc.storage.tables.log import NoteRow as NoteRow
from commentsvc.storage.tables.mail import MailStopRow as MailStopRow
from commentsvc.storage.tables.moderation import BlockRow as BlockRow
from commentsvc.storage.tables.moderation import DecisionRequestRow as DecisionRequestRow
from commentsvc.storage.tables.moderation import RuleAddressRow as RuleAddressRow
from commentsvc.storage.tables.moderation import RuleRow as RuleRow
from commentsvc.storage.tables.moderators_mail import MailChoiceRow as MailChoiceRow
from commentsvc.storage.tables.moderators_mail import MailChoiceSiteRow as MailChoiceSiteRow
from commentsvc.storage.tables.moderators_mail import UsedLinkRow as UsedLinkRow
from commentsvc.storage.tables.moderators_mail import WaitingNoticeRow as WaitingNoticeRow
from commentsvc.storage.tables.people import AccountRow as AccountRow
from commentsvc.storage.tables.people import AccountSiteRow as AccountSiteRow
from commentsvc.storage.tables.people import ApiTokenRow as ApiTokenRow
from commentsvc.storage.tables.people import SessionRow as SessionRow
from commentsvc.storage.tables.persons import ErasureRow as ErasureRow
from commentsvc.storage.tables.reports import ObjectionRow as ObjectionRow
from commentsvc.storage.tables.reports import ReportRow as ReportRow
from commentsvc.storage.tables.reports import StatementRow as StatementRow
from commentsvc.storage.tables.search import SearchMissingRow as SearchMissingRow
from commentsvc.storage.tables.search import SearchTextRow as SearchTextRow
from commentsvc.storage.tables.second_factors import InvitationRow as InvitationRow
from commentsvc.storage.tables.second_factors import PasskeyRow as PasskeyRow
from commentsvc.storage.tables.second_factors import RecoveryCodeRow as RecoveryCodeRow
from commentsvc.storage.tables.second_factors import TotpRow as TotpRow
from commentsvc.storage.tables.service import JobRow as JobRow
from commentsvc.storage.tables.service import RateHitRow as RateHitRow
from commentsvc.storage.tables.service import ScriptRow as ScriptRow
from commentsvc.storage.tables.service import ServiceKeyRow as ServiceKeyRow
from commentsvc.storage.tables.telling import EventRow as EventRow
from commentsvc.storage.tables.telling import OutboxRow as OutboxRow
from commentsvc.storage.tables.telling import RestoredRow as RestoredRow
from commentsvc.storage.tables.telling import ToldRow as ToldRow
from commentsvc.storage.tables.types import Base as Base
from commentsvc.storage.tables.webhooks import WebhookDeliveryRow as WebhookDeliveryRow
from commentsvc.storage.tables.webhooks import WebhookRow as WebhookRow
from commentsvc.storage.tables.webhooks import WebhookSecretRow as WebhookSecretRow

SCHEMA = "0030"
"""The version of the schema below: the newest of `migrations/`."""
