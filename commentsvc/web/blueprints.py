"""All that the service answers: one line for each file of routes, in which these stand with their descriptions."""

from __future__ import annotations

from flask import Blueprint

from commentsvc.web.api.events import events
from commentsvc.web.api.moderation import moderating
from commentsvc.web.api.openapi import openapi
from commentsvc.web.api.posting import posting
from commentsvc.web.api.reading import reading
from commentsvc.web.api.reporting import reporting
from commentsvc.web.assets import scripts
from commentsvc.web.connection import connection
from commentsvc.web.desk.account import account
from commentsvc.web.desk.blocks import blocking
from commentsvc.web.desk.bulk import bulk
from commentsvc.web.desk.figures import figures
from commentsvc.web.desk.invitation import invitations
from commentsvc.web.desk.live import live
from commentsvc.web.desk.log import log
from commentsvc.web.desk.notes import noting
from commentsvc.web.desk.outbox import sending
from commentsvc.web.desk.people import managing
from commentsvc.web.desk.person import persons_at_desk
from commentsvc.web.desk.queue import desk
from commentsvc.web.desk.rules import ruling
from commentsvc.web.desk.second_factors import factors
from commentsvc.web.desk.thread import shaping
from commentsvc.web.desk.tokens import api_tokens
from commentsvc.web.desk.webhooks import webhooks
from commentsvc.web.health import health
from commentsvc.web.message_pages import root
from commentsvc.web.metrics import metrics
from commentsvc.web.pages.decide import decide_pages
from commentsvc.web.pages.mail import mail_pages
from commentsvc.web.pages.me import own_pages
from commentsvc.web.pages.own_comment import editing
from commentsvc.web.pages.reasons import objecting
from commentsvc.web.pages.report import report_pages
from commentsvc.web.pages.thread import pages
from commentsvc.web.pages.waiting_feed import waiting_feed
from commentsvc.web.security_txt import security_txt

BLUEPRINTS: tuple[Blueprint, ...] = (
    root,
    reading,
    waiting_feed,
    decide_pages,
    events,
    posting,
    reporting,
    pages,
    editing,
    report_pages,
    objecting,
    mail_pages,
    own_pages,
    scripts,
    health,
    metrics,
    connection,
    security_txt,
    openapi,
    moderating,
    desk,
    live,
    bulk,
    log,
    ruling,
    blocking,
    noting,
    shaping,
    account,
    figures,
    factors,
    invitations,
    managing,
    persons_at_desk,
    api_tokens,
    sending,
    webhooks,
)
