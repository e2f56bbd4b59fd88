"""Second factors: the second step of a sign-in, and to set up and remove one's own."""

from __future__ import annotations

from dataclasses import dataclass

from commentsvc.access import accounts, half_sign_ins, passkeys, recovery_codes, totp
from commentsvc.actions.accounts import SignedIn, begin_session, is_unchanged, tell_of_attempt
from commentsvc.audit.trail import STRANGER, Kind, record
from commentsvc.errors import Invalid, NotFound
from commentsvc.messages import message
from commentsvc.model import Browser, SafeHtml
from commentsvc.records import StoredAccount, StoredPasskey
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.unicode_text import is_line

APP, PASSKEY, RECOVERY_CODE = "app", "passkey", "recovery code"
MOST_PASSKEYS = 20
WRONG_CODE = message("This code is not right, or was used before.")
WRONG_PASSKEY = message("This did not work. Please load the page again, and use a passkey of this account.")


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody has set up: whether an app, which passkeys, and how many recovery codes are left."""

    app: bool
    passkeys: list[StoredPasskey]
    recovery_codes: int

    def __bool__(self) -> bool:
        return self.app or bool(self.passkeys)


@dataclass(frozen=True, slots=True)
class Setup:
    """What an app needs: the secret, to be typed, and as a QR code."""

    secret: str
    drawing: SafeHtml


# The second step of a sign-in


def account_of(service: Service, work: UnitOfWork, ticket: str) -> StoredAccount | None:
    """Who gave the right password a moment ago, and has a second step to go; None where that has ended."""
    account = half_sign_ins.account_of(service, work, ticket)
    return account if account is not None and work.second_factors.has_any(account.id) else None


def options_to_sign_in(service: Service, work: UnitOfWork, account: StoredAccount) -> str | None:
    """What a browser needs to sign with a passkey of *account*, as JSON; None where there is none."""
    known = work.passkeys.of_account(account.id)
    if not known or passkeys.why_none(service.settings) is not None:
        return None
    return passkeys.request_options(service, account, known)


@retried
def sign_in_with_code(service: Service, account: StoredAccount, code: str, browser: Browser) -> str | None:
    """Begin a session and give its secret, if *code* is one of the account's app, or a recovery code."""
    with service.unit_of_work() as work:
        if is_unchanged(work, account):
            if _use_app(work, service, account, code):
                return begin_session(work, service, account, browser, factor=APP)
            if recovery_codes.use(work, account.id, code):
                return begin_session(work, service, account, browser, factor=RECOVERY_CODE)
        _record_failure(work, service, account, browser)
        return None


@retried
def sign_in_with_passkey(
    service: Service, account: StoredAccount, credential: str, browser: Browser
) -> str | None:
    """Begin a session and give its secret, if a passkey of the account signed our challenge."""
    with service.reading() as work:
        known = work.passkeys.of_account(account.id)
    try:
        proof = passkeys.proof(service, account, known, credential)
    except ValueError:
        proof = None
    with service.unit_of_work() as work:
        if (
            proof is not None
            and is_unchanged(work, account)
            and work.passkeys.use(proof.passkey, proof.sign_count, proof.challenged_at, service.now())
        ):
            return begin_session(work, service, account, browser, factor=PASSKEY)
        _record_failure(work, service, account, browser)
        return None


def _use_app(work: UnitOfWork, service: Service, account: StoredAccount, code: str) -> bool:
    stored = work.second_factors.totp(account.id)
    if stored is None or stored.confirmed_at is None:
        return False
    step = totp.matching_step(stored.sealed, account, code, service.now(), service.address_keys)
    return step is not None and work.second_factors.use_step(account.id, step)


def _record_failure(work: UnitOfWork, service: Service, account: StoredAccount, browser: Browser) -> None:
    told = {"account": account.public_id, "step": "second factor"}
    record(work, service, STRANGER, Kind.SIGN_IN_FAILED, **told)
    if not browser.is_known:
        tell_of_attempt(work, service, account.public_id, "second factor")


# One's own


def list_factors(work: UnitOfWork, who: SignedIn) -> Factors:
    """Give what somebody has set up."""
    app = work.second_factors.totp(who.account.id)
    return Factors(
        app is not None and app.confirmed_at is not None,
        work.passkeys.of_account(who.account.id),
        work.second_factors.count_recovery_codes(who.account.id),
    )


@retried
def begin_app(service: Service, who: SignedIn, password: str) -> None:
    """Make the secret of an authenticator app, which is a second factor once a code of it was given.

    :raises Invalid: the password is not that, or there is an app already.
    """
    _check_password(service, who, password)
    with service.unit_of_work() as work:
        _lock(work, who)
        stored = work.second_factors.totp(who.account.id)
        if stored is not None and stored.confirmed_at is not None:
            raise Invalid({"form": [message("You have an authenticator app already. Remove it first.")]})
        totp.begin(work, who.account, service.address_keys)


def app_setup(service: Service, work: UnitOfWork, who: SignedIn, issuer: str) -> Setup | None:
    """Give what an app needs that was begun and not confirmed; None where there is none."""
    stored = work.second_factors.totp(who.account.id)
    if stored is None or stored.confirmed_at is not None:
        return None
    uri = totp.uri(stored.sealed, who.account, issuer, service.address_keys)
    return Setup(totp.secret(stored.sealed, who.account, service.address_keys), totp.drawing(uri))


@retried
def confirm_app(service: Service, who: SignedIn, code: str) -> list[str]:
    """Make the app that was begun a second factor; give recovery codes, where there were none.

    :raises NotFound: none was begun.
    :raises Invalid: the code is not one of it.
    """
    with service.unit_of_work() as work:
        _lock(work, who)
        stored = work.second_factors.totp(who.account.id)
        if stored is None or stored.confirmed_at is not None:
            raise NotFound(message("No authenticator app waits to be confirmed."))
        step = totp.matching_step(stored.sealed, who.account, code, service.now(), service.address_keys)
        if step is None or not work.second_factors.use_step(who.account.id, step):
            raise Invalid({"code": [WRONG_CODE]})
        work.second_factors.confirm_totp(who.account.id, service.now().replace(microsecond=0))
        return _added(work, service, who, APP)


@retried
def remove_app(service: Service, who: SignedIn, password: str) -> None:
    """Remove one's authenticator app.

    :raises Invalid: the password is not that.
    :raises NotFound: there is none.
    """
    _check_password(service, who, password)
    with service.unit_of_work() as work:
        _lock(work, who)
        if not work.second_factors.remove_totp(who.account.id):
            raise NotFound(message("You have no authenticator app."))
        _removed(work, service, who, APP)


def options_to_register(service: Service, work: UnitOfWork, who: SignedIn) -> str | None:
    """What a browser needs to make a passkey, as JSON; None where there can be none."""
    if passkeys.why_none(service.settings) is not None:
        return None
    return passkeys.creation_options(service, who.account, work.passkeys.of_account(who.account.id))


@retried
def add_passkey(service: Service, who: SignedIn, password: str, label: str, credential: str) -> list[str]:
    """Add a passkey that a browser made; give recovery codes, where there were none.

    :raises Invalid: the password is not that, the label will not do, or it is no passkey that is good here.
    """
    _check_password(service, who, password)
    label = label.strip() or "Passkey"
    if len(label) > passkeys.LONGEST_LABEL or not is_line(label):
        raise Invalid(
            {
                "label": [
                    message("A name is one line of at most %(most)s characters.", most=passkeys.LONGEST_LABEL)
                ]
            }
        )
    if passkeys.why_none(service.settings) is not None:
        raise Invalid({"form": [WRONG_PASSKEY]})
    try:
        passkey = passkeys.registered(service, who.account, label, credential)
    except ValueError:
        raise Invalid({"form": [WRONG_PASSKEY]}) from None
    with service.unit_of_work() as work:
        _lock(work, who)
        if len(work.passkeys.of_account(who.account.id)) >= MOST_PASSKEYS:
            raise Invalid(
                {
                    "form": [
                        message("You have %(most)s passkeys already. Remove one first.", most=MOST_PASSKEYS)
                    ]
                }
            )
        if not work.passkeys.add(passkey):
            raise Invalid({"form": [message("This passkey is known already.")]})
        return _added(work, service, who, PASSKEY)


@retried
def remove_passkey(service: Service, who: SignedIn, password: str, public_id: str) -> None:
    """Remove one of one's own passkeys.

    :raises Invalid: the password is not that.
    :raises NotFound: there is no such passkey.
    """
    _check_password(service, who, password)
    with service.unit_of_work() as work:
        _lock(work, who)
        if not work.passkeys.remove(who.account.id, public_id):
            raise NotFound(message("You have no such passkey."))
        _removed(work, service, who, PASSKEY)


@retried
def renew_recovery_codes(service: Service, who: SignedIn, password: str) -> list[str]:
    """Make recovery codes in place of those there are.

    :raises Invalid: the password is not that, or there is no second factor that they could stand for.
    """
    _check_password(service, who, password)
    with service.unit_of_work() as work:
        _lock(work, who)
        if not work.second_factors.has_any(who.account.id):
            raise Invalid({"form": [message("Set up a second factor first.")]})
        return _renewed_codes(work, service, who)


def _check_password(service: Service, who: SignedIn, password: str) -> None:
    with service.reading() as work:
        if accounts.verified(work, who.account.email, password) is None:
            raise Invalid({"password": [message("This is not your current password.")]})


def _lock(work: UnitOfWork, who: SignedIn) -> None:
    """What somebody sets up is changed by one request at a time: sent twice, a form is done one after the other.

    :raises Invalid: the password was changed, or the account removed, since this request began.
    """
    if not is_unchanged(work, who.account):
        raise Invalid({"form": [message("Your password was changed just now. Please sign in again.")]})


def _added(work: UnitOfWork, service: Service, who: SignedIn, factor: str) -> list[str]:
    """Other sessions end with it: they began without this factor, and would do all that it opens."""
    work.sessions.end_others(who.account.id, who.session)
    told = {"account": who.account.public_id, "factor": factor}
    record(work, service, who.moderator.actor, Kind.SECOND_FACTOR_ADDED, **told)
    if work.second_factors.count_recovery_codes(who.account.id):
        return []
    return _renewed_codes(work, service, who)


def _removed(work: UnitOfWork, service: Service, who: SignedIn, factor: str) -> None:
    """Other sessions end with it: a factor that is lost or in wrong hands may have begun them."""
    work.sessions.end_others(who.account.id, who.session)
    told = {"account": who.account.public_id, "factor": factor}
    record(work, service, who.moderator.actor, Kind.SECOND_FACTOR_REMOVED, **told)
    if not work.second_factors.has_any(who.account.id):
        work.second_factors.remove_all(who.account.id)  # recovery codes stand for a second factor


def _renewed_codes(work: UnitOfWork, service: Service, who: SignedIn) -> list[str]:
    codes = recovery_codes.renew(work, who.account.id)
    told = {"account": who.account.public_id}
    record(work, service, who.moderator.actor, Kind.RECOVERY_CODES_CREATED, **told)
    return codes
