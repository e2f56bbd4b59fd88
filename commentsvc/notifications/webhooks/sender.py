"""Sends what a webhook is told, and notes how that ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from commentsvc.model import EventKind, HookDelivery, HookEvent, MessageKind
from commentsvc.notifications.kind import Dead, Nothing, Outcome, Retry, Sent
from commentsvc.notifications.webhooks import secrets
from commentsvc.notifications.webhooks.bodies import TEST, body, body_of
from commentsvc.notifications.webhooks.listener import host_of, lane_of
from commentsvc.records import NewEvent, OutboxMessage, StoredWebhook
from commentsvc.service import Service
from commentsvc.storage.outbox import fresh_message_id
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork

FAILING = timedelta(days=1)  # after which a webhook is disabled
GONE = 410  # the receiver wants no more of it
FAILED_FOR_A_DAY = "failed for a day"
DISABLED = "disabled"


class WebhookSender:
    """Sends messages to webhooks."""

    kind = MessageKind.WEBHOOK

    def send(self, service: Service, message: OutboxMessage) -> Outcome:
        """Send what is true now of what *message* is about; any 2xx is success, and a redirect is none."""
        kind = HookEvent(message.about)
        with service.reading() as work:
            hook = work.webhooks.find(message.data["hook"])
            if hook is None:
                return Nothing()
            if hook.disabled_at is not None:
                return Dead(DISABLED)
            text = body_of(service, work, hook, kind, message.data)
            if text is None:
                return Nothing()
            headers = _headers(service, work, hook, message.public_id, text)
        delivery = _post(service, hook, kind, message.public_id, headers, text)
        return _noted(service, hook, delivery, message)


def send_test(service: Service, hook: StoredWebhook) -> HookDelivery:
    """Send a test at once, whether *hook* is disabled or not."""
    message_id = fresh_message_id(service.random_bytes)
    now = service.now()
    text = body(TEST, now.isoformat().replace("+00:00", "Z"), hook.site, None, None)
    with service.reading() as work:
        headers = _headers(service, work, hook, message_id, text)
    delivery = _post(service, hook, TEST, message_id, headers, text)
    _noted(service, hook, delivery, None)
    return delivery


def _headers(
    service: Service, work: UnitOfWork, hook: StoredWebhook, message_id: str, text: str
) -> dict[str, str]:
    now = service.now()
    signing = secrets.signers(work, hook, service.address_keys, now)
    return {"Content-Type": "application/json"} | secrets.headers(signing, message_id, text, now)


def _post(
    service: Service, hook: StoredWebhook, kind: str, message_id: str, headers: dict[str, str], text: str
) -> HookDelivery:
    from commentsvc.notifications import outbound  # takes 12 MB: who serves needs it when something is sent

    status = error = None
    if not headers["webhook-signature"]:
        error = "no key"  # a restored database without its keys; nothing goes out unsigned
    else:
        try:
            answer = outbound.post(hook.url, text.encode(), headers, service.settings.outbound_allow)
            status = answer.status
            error = None if answer.ok else f"HTTP {status}"
        except outbound.Unreachable as why:
            error = why.kind
    return HookDelivery(message_id, kind, service.now().replace(microsecond=0), status, error)


@retried
def _noted(
    service: Service, tried: StoredWebhook, delivery: HookDelivery, message: OutboxMessage | None
) -> Outcome:
    """Note how it ended; a webhook that failed for a day is disabled.

    :param message: what was sent; None of a test.
    """
    now = service.now()
    with service.unit_of_work() as work:
        hook = work.webhooks.find(tried.public_id)
        if hook is None:
            return Nothing()  # it was removed
        work.webhooks.add_delivery(hook.id, delivery)
        if delivery.error is None:
            if hook.failing_since is not None:
                work.webhooks.change(hook.id, failing_since=None)
            return Sent()
        disabled = hook.url == tried.url and _disabled_by_failure(work, hook, message, now)
    if disabled or delivery.status == GONE:
        return Dead(delivery.error)
    return Retry(delivery.error, is_of_lane=delivery.status is None)


def _disabled_by_failure(
    work: UnitOfWork, hook: StoredWebhook, message: OutboxMessage | None, now: datetime
) -> bool:
    """Count a failure, and give whether that disabled the webhook.

    Where nothing waited for it before, nobody knows how long it has failed: by a first try alone it is not disabled.
    """
    if hook.disabled_at is not None:
        return True
    is_first = message is None or message.tries <= 1
    nothing_waited = is_first and not work.outbox.waits_in(lane_of(hook), message)
    if message is None and nothing_waited:
        return False
    if hook.failing_since is None or nothing_waited:
        work.webhooks.change(hook.id, failing_since=now)
        return False
    if now - hook.failing_since < FAILING:
        return False
    disable(work, hook, FAILED_FOR_A_DAY, now)
    told = {"hook": hook.public_id, "host": host_of(hook)}
    work.events.add(NewEvent(kind=EventKind.HOOK_DISABLED, at=now, site_id=hook.site_id, data=told))
    return True


def disable(work: UnitOfWork, hook: StoredWebhook, why: str, now: datetime) -> None:
    """Send nothing to *hook* any more; what waited for it is dead."""
    work.webhooks.change(hook.id, disabled_at=now.replace(microsecond=0), why=why, failing_since=None)
    work.outbox.end_lane(lane_of(hook), now, DISABLED)
