"""Keep webhooks: admins of all sites, and the operator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from commentsvc.actions.admins import acting_admin
from commentsvc.actions.sites import site_of
from commentsvc.audit.trail import Kind, record
from commentsvc.errors import Invalid, NotFound
from commentsvc.ids import fresh_id
from commentsvc.messages import message
from commentsvc.model import HookDelivery, HookEvent, Moderator, Webhook
from commentsvc.notifications.fan_out import fan_out
from commentsvc.notifications.webhooks import secrets
from commentsvc.notifications.webhooks.listener import host_of
from commentsvc.notifications.webhooks.sender import disable, send_test
from commentsvc.records import NewWebhook, StoredWebhook
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.unicode_text import is_line

MOST_HOOKS = 100  # each event is looked at for each of them
LONGEST_URL = 2000  # characters
BY_HAND = "switched off"


class WebhookChange(Struct):
    """What changes of a webhook; what is left out stays.

    `disabled`: false starts it again. `rotate`: it gets a new secret, and the old one signs too for a day.
    """

    url: str | UnsetType = UNSET
    events: list[HookEvent] | UnsetType = UNSET
    private: bool | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET
    rotate: bool = False


def list_webhooks(work: UnitOfWork, moderator: Moderator | None = None) -> list[Webhook]:
    """Give all webhooks, the oldest first; the operator is None.

    :raises Forbidden: this is no admin of all sites.
    """
    acting_admin(moderator)
    return [_shown(work, hook) for hook in work.webhooks.all_hooks()]


def read_webhook(work: UnitOfWork, public_id: str, moderator: Moderator | None = None) -> Webhook:
    """Give one webhook.

    :raises Forbidden: this is no admin of all sites.
    :raises NotFound: there is none of that id.
    """
    acting_admin(moderator)
    return _shown(work, _stored(work, public_id))


def add_webhook(
    service: Service,
    url: str,
    events: Sequence[HookEvent],
    slug: str | None,
    *,
    private: bool,
    moderator: Moderator | None = None,
) -> Webhook:
    """Set a webhook, for all sites where none is named, and give it with its secret; the operator is None.

    :raises Forbidden: this is no admin of all sites.
    :raises UnknownSite: there is no such site.
    :raises Invalid: a value is wrong, or there are as many as may be.
    """
    acting_admin(moderator)
    _check(service, url, events, private=private)
    if moderator is not None:  # in the server: a command's environment may lack what says who else is told
        fan_out(service)  # what has happened just now is told without the new one
    return _add(service, url, events, slug, private, moderator)


@retried
def _add(
    service: Service,
    url: str,
    events: Sequence[HookEvent],
    slug: str | None,
    private: bool,
    moderator: Moderator | None,
) -> Webhook:
    now = service.now().replace(microsecond=0)
    with service.unit_of_work() as work:
        if work.webhooks.count() >= MOST_HOOKS:
            raise Invalid(
                {
                    "url": [
                        message(
                            "There are %(most)s webhooks already; remove one that is not needed.",
                            most=MOST_HOOKS,
                        )
                    ]
                }
            )
        site_id = site_of(service, work, slug).id if slug is not None else None
        hook = NewWebhook(fresh_id(), site_id, url, sorted(set(events)), private)
        row_id = work.webhooks.add(hook, now)
        secret = secrets.renew(
            work, row_id, hook.public_id, service.address_keys, service.random_bytes, service.now()
        )
        _record(work, service, moderator, Kind.WEBHOOK_ADDED, _stored(work, hook.public_id))
        return _shown(work, _stored(work, hook.public_id), secret)


def change_webhook(
    service: Service, public_id: str, change: WebhookChange, moderator: Moderator | None = None
) -> Webhook:
    """Change a webhook, start it again, or give it a new secret, which is in the answer.

    :raises Forbidden, NotFound, Invalid: as the others do.
    """
    acting_admin(moderator)
    with service.reading() as work:
        url, events, private = _wanted(_stored(work, public_id), change)
    _check(service, url, events, private=private, look_up=change.url is not UNSET)
    return _change(service, public_id, change, moderator)


@retried
def _change(service: Service, public_id: str, change: WebhookChange, moderator: Moderator | None) -> Webhook:
    now = service.now()
    secret: str | UnsetType = UNSET
    with service.unit_of_work() as work:
        before = _stored(work, public_id)
        url, events, private = _wanted(before, change)
        _require_private(events, private=private)
        columns: dict[str, Any] = {"url": url, "events": sorted(events), "private": private}
        if url != before.url:
            columns["failing_since"] = None
        work.webhooks.change(before.id, **columns)
        if change.disabled is False:
            work.webhooks.change(before.id, disabled_at=None, why=None, failing_since=None)
        elif change.disabled is True and before.disabled_at is None:
            disable(work, before, BY_HAND, now)
        if change.rotate:
            keys = service.address_keys
            secret = secrets.renew(work, before.id, public_id, keys, service.random_bytes, now)
        after = _stored(work, public_id)
        _record(work, service, moderator, Kind.WEBHOOK_CHANGED, after, changed=_changed(change))
        return _shown(work, after, secret)


@retried
def remove_webhook(service: Service, public_id: str, moderator: Moderator | None = None) -> None:
    """Remove a webhook; what waits for it is never sent.

    :raises Forbidden, NotFound: as the others do.
    """
    acting_admin(moderator)
    with service.unit_of_work() as work:
        hook = _stored(work, public_id)
        _record(work, service, moderator, Kind.WEBHOOK_REMOVED, hook)
        work.webhooks.remove(hook.id)


def try_webhook(service: Service, public_id: str, moderator: Moderator | None = None) -> HookDelivery:
    """Send a test to a webhook now, and say how that ended.

    :raises Forbidden, NotFound: as the others do.
    """
    acting_admin(moderator)
    with service.reading() as work:
        hook = _stored(work, public_id)
    return send_test(service, hook)


def _check(
    service: Service,
    url: str,
    events: Sequence[HookEvent] | frozenset[HookEvent],
    *,
    private: bool,
    look_up: bool = True,
) -> None:
    errors: dict[str, list[str]] = {}
    if look_up and (fault := _fault_of(service, url)):
        errors["url"] = [fault]
    if not events:
        errors["events"] = [message("Choose at least one event.")]
    if errors:
        raise Invalid(errors)
    _require_private(events, private=private)


def _require_private(events: Sequence[HookEvent] | frozenset[HookEvent], *, private: bool) -> None:
    if HookEvent.REPORTED in events and not private:
        raise Invalid(
            {
                "events": [
                    message("Reports are told to private webhooks alone, which see what moderators see.")
                ]
            }
        )


def _fault_of(service: Service, url: str) -> str | None:
    """What is wrong with an address; nothing is called there."""
    from commentsvc.notifications import outbound  # takes 12 MB: who serves needs it when something is sent

    if len(url) > LONGEST_URL or not is_line(url):
        return message("An address is one line of at most %(most)s characters.", most=LONGEST_URL)
    try:
        outbound.check(url, service.settings.outbound_allow)
    except outbound.Forbidden:
        return message("This address is of a private network, which the service does not call.")
    except outbound.NotFound:
        return None  # it may be there tomorrow; nothing is called until then
    except ValueError:
        return message("Give an http or https address without a user name and password.")
    return None


def _wanted(
    hook: StoredWebhook, change: WebhookChange
) -> tuple[str, Sequence[HookEvent] | frozenset[HookEvent], bool]:
    return (
        hook.url if change.url is UNSET else change.url,
        hook.events if change.events is UNSET else change.events,
        hook.private if change.private is UNSET else change.private,
    )


def _changed(change: WebhookChange) -> list[str]:
    named = [name for name in ("url", "events", "private", "disabled") if getattr(change, name) is not UNSET]
    return [*named, "secret"] if change.rotate else named


def _stored(work: UnitOfWork, public_id: str) -> StoredWebhook:
    hook = work.webhooks.find(public_id)
    if hook is None:
        raise NotFound(message("There is no such webhook."))
    return hook


def _record(
    work: UnitOfWork,
    service: Service,
    moderator: Moderator | None,
    kind: Kind,
    hook: StoredWebhook,
    **more: object,
) -> None:
    told = {"webhook": hook.public_id, "host": host_of(hook), "site": hook.site}
    record(work, service, acting_admin(moderator), kind, **told, **more)


def _shown(work: UnitOfWork, hook: StoredWebhook, secret: str | UnsetType = UNSET) -> Webhook:
    return Webhook(
        id=hook.public_id,
        url=hook.url,
        events=sorted(hook.events),
        site=hook.site,
        private=hook.private,
        created_at=hook.created_at,
        disabled_at=hook.disabled_at,
        why=hook.why,
        deliveries=work.webhooks.deliveries(hook.id),
        secret=secret,
    )
