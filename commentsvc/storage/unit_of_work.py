"""One transaction, and all that is stored, by kind."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Connection

from commentsvc.storage.accounts import Accounts
from commentsvc.storage.addresses import Addresses
from commentsvc.storage.api_tokens import ApiTokens
from commentsvc.storage.audit import AuditTrail
from commentsvc.storage.blocks import Blocks
from commentsvc.storage.chain import Chain
from commentsvc.storage.comment_counts import CommentCounts
from commentsvc.storage.comments import Comments
from commentsvc.storage.decision_requests import DecisionRequests
from commentsvc.storage.decisions import DecisionLog
from commentsvc.storage.events import Events
from commentsvc.storage.exporting import Exporting
from commentsvc.storage.figures import Figures
from commentsvc.storage.follows import Follows, Notices
from commentsvc.storage.imports import Imports
from commentsvc.storage.inspection import Inspection
from commentsvc.storage.invitations import Invitations
from commentsvc.storage.jobs import Jobs
from commentsvc.storage.loading import BulkRows
from commentsvc.storage.mail_addresses import MailAddresses
from commentsvc.storage.mail_rates import MailRates
from commentsvc.storage.merging import Merging
from commentsvc.storage.moderators_mail import ModeratorsMail
from commentsvc.storage.networks import Networks
from commentsvc.storage.notes import Notes
from commentsvc.storage.objections import Objections, Statements
from commentsvc.storage.outbox import Outbox
from commentsvc.storage.passkeys import Passkeys
from commentsvc.storage.persons import Erasures, Persons
from commentsvc.storage.prepared import Prepared, Rows
from commentsvc.storage.public_comments import PublicComments
from commentsvc.storage.questions import Questions
from commentsvc.storage.queue import Queue
from commentsvc.storage.reports import Reports
from commentsvc.storage.restoring import Restoring
from commentsvc.storage.retention import Retention
from commentsvc.storage.rules import Rules
from commentsvc.storage.scripts import Scripts
from commentsvc.storage.search import Search
from commentsvc.storage.second_factors import SecondFactors
from commentsvc.storage.sent_forms import SentForms
from commentsvc.storage.service_keys import ServiceKeys
from commentsvc.storage.sessions import Sessions
from commentsvc.storage.sites import Sites
from commentsvc.storage.slow_mode import SlowModePosts
from commentsvc.storage.spent_tokens import SpentTokens
from commentsvc.storage.threads import Threads
from commentsvc.storage.trust import Trust
from commentsvc.storage.webhooks import Webhooks


class UnitOfWork:
    """What is read and written in one transaction; see `storage.database`, which begins and ends it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.accounts = Accounts(connection)
        self.addresses = Addresses(connection)
        self.api_tokens = ApiTokens(connection)
        self.chain = Chain(connection)
        self.audit = AuditTrail(connection, self.chain)
        self.blocks = Blocks(connection)
        self.bulk = BulkRows(connection)
        self.comments = Comments(connection)
        self.counts = CommentCounts(connection)
        self.decision_requests = DecisionRequests(connection)
        self.decisions = DecisionLog(connection, self.chain)
        self.erasures = Erasures(connection)
        self.events = Events(connection)
        self.exporting = Exporting(connection)
        self.figures = Figures(connection)
        self.follows = Follows(connection)
        self.imports = Imports(connection)
        self.inspection = Inspection(connection)
        self.invitations = Invitations(connection)
        self.jobs = Jobs(connection)
        self.mail_addresses = MailAddresses(connection)
        self.mail_rates = MailRates(connection)
        self.merging = Merging(connection)
        self.moderators_mail = ModeratorsMail(connection)
        self.networks = Networks(connection)
        self.notes = Notes(connection)
        self.notices = Notices(connection)
        self.passkeys = Passkeys(connection)
        self.objections = Objections(connection)
        self.outbox = Outbox(connection)
        self.persons = Persons(connection)
        self.public_comments = PublicComments(connection)
        self.questions = Questions(connection)
        self.queue = Queue(connection)
        self.reports = Reports(connection)
        self.retention = Retention(connection)
        self.restoring = Restoring(connection)
        self.rules = Rules(connection)
        self.scripts = Scripts(connection)
        self.second_factors = SecondFactors(connection)
        self.search = Search(connection)
        self.sent_forms = SentForms(connection)
        self.service_keys = ServiceKeys(connection)
        self.sessions = Sessions(connection)
        self.sites = Sites(connection)
        self.slow_mode = SlowModePosts(connection)
        self.spent_tokens = SpentTokens(connection)
        self.statements = Statements(connection)
        self.threads = Threads(connection)
        self.trust = Trust(connection)
        self.webhooks = Webhooks(connection)

    def savepoint(self) -> AbstractContextManager[object]:
        """A part of the transaction that is undone alone where it raises; not for what is counted or put in the chain."""
        return self._connection.begin_nested()

    def finish(self) -> None:
        """Write what is written once, whatever was done; to be called before it is committed."""
        self.counts.write()
        self.chain.write()  # last, since all others that write into the log wait until this is committed

    def looked_up(self, look_up: Prepared, parameters: dict[str, Any]) -> Rows:
        """What *look_up* gives in the state of the database that this unit of work sees."""
        return look_up.rows(self._connection, parameters)

    def write_nothing(self) -> None:
        """Write to the database, and change nothing in it: SQLite's header, or a number of PostgreSQL's transactions."""
        if self._connection.dialect.name == "sqlite":
            number = self._connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            self._connection.exec_driver_sql(f"PRAGMA user_version = {number}")
        else:
            self._connection.exec_driver_sql("SELECT pg_current_xact_id()")

    def is_on_standby(self) -> bool:
        """Whether the server, which is PostgreSQL's, recovers, as a standby always does."""
        return bool(self._connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar_one())
