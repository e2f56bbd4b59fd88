"""Passkeys (WebAuthn): proof by a device, bound to the host of BASE_URL. None is taken from an IP address.

`webauthn` is imported where it is needed: it takes 100 ms, and few requests have to do with passkeys.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from commentsvc.ids import fresh_id
from commentsvc.messages import message
from commentsvc.records import StoredAccount, StoredPasskey
from commentsvc.service import Service
from commentsvc.settings import Settings
from commentsvc.settings.hosts import is_loopback

LIFETIME = timedelta(minutes=10)
MICROSECONDS = 1_000_000  # of a second
LONGEST_LABEL = 60  # characters
REGISTER, SIGN_IN = "register a passkey", "sign in with a passkey"


class Proof(NamedTuple):
    """What a passkey signed: a challenge of that time, for the *sign_count*-th time if its device counts."""

    passkey: StoredPasskey
    sign_count: int
    challenged_at: datetime


def why_none(settings: Settings) -> str | None:
    """Why there can be no passkeys under BASE_URL; None where there can (WebAuthn §5.1.2, Secure Contexts §3.1)."""
    parts = urlsplit(settings.base_url)
    host = parts.hostname or ""
    if _is_ip(host):
        return message(
            "Browsers make no passkeys for an IP address, and this service is at %(host)s. "
            "Where BASE_URL has a name, as http://localhost:5000 has, there can be some.",
            host=parts.netloc,
        )
    if parts.scheme != "https" and not is_loopback(host):
        return message("Browsers make passkeys over https alone.")
    return None


def creation_options(service: Service, account: StoredAccount, known: Sequence[StoredPasskey]) -> str:
    """What a browser needs to make a passkey, as JSON for `parseCreationOptionsFromJSON`."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    options = generate_registration_options(
        rp_id=_host(service.settings),
        rp_name=_host(service.settings),
        user_id=account.public_id.encode(),
        user_name=account.email,
        user_display_name=account.name or account.email,
        challenge=_challenge(service, REGISTER, account),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
    )
    return options_to_json(options)


def request_options(service: Service, account: StoredAccount, known: Sequence[StoredPasskey]) -> str:
    """What a browser needs to sign with one of the *known* passkeys, as JSON for `parseRequestOptionsFromJSON`."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    options = generate_authentication_options(
        rp_id=_host(service.settings),
        challenge=_challenge(service, SIGN_IN, account),
        allow_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
    )
    return options_to_json(options)


def registered(service: Service, account: StoredAccount, label: str, credential: str) -> StoredPasskey:
    """The passkey that a browser made.

    :raises ValueError: it is none, or the challenge was not made here.
    """
    from webauthn import verify_registration_response
    from webauthn.helpers import parse_registration_credential_json

    with _as_value_errors():
        sent = parse_registration_credential_json(credential)
        challenge = _challenge_in(sent)
        _issued_at(service, REGISTER, account, challenge)
        made = verify_registration_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=_host(service.settings),
            expected_origin=list(service.settings.own_origins()),
        )
    now = service.now().replace(microsecond=0)
    return StoredPasskey(
        fresh_id(),
        account.id,
        made.credential_id,
        made.credential_public_key,
        made.sign_count,
        label,
        now,
        None,
    )


def proof(service: Service, account: StoredAccount, known: Sequence[StoredPasskey], credential: str) -> Proof:
    """What one of the *known* passkeys signed.

    :raises ValueError: none of them did, the challenge was not made here, or its device counted less than it did before.
    """
    from webauthn import verify_authentication_response
    from webauthn.helpers import parse_authentication_credential_json

    with _as_value_errors():
        sent = parse_authentication_credential_json(credential)
        passkey = next(one for one in known if one.credential_id == sent.raw_id)
        challenge = _challenge_in(sent)
        issued_at = _issued_at(service, SIGN_IN, account, challenge)
        signed = verify_authentication_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=_host(service.settings),
            expected_origin=list(service.settings.own_origins()),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
        )
    return Proof(passkey, signed.new_sign_count, issued_at)


@contextmanager
def _as_value_errors() -> Iterator[None]:
    """Whatever `webauthn` finds wrong with what a browser sent is one error.

    It raises its own for what it foresees; JSON and CBOR of other shapes fail in other ways.
    """
    from webauthn.helpers.exceptions import WebAuthnException

    odd = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, StopIteration)
    try:
        yield
    except (WebAuthnException, *odd) as why:
        raise ValueError("The browser sent no passkey that is good here.") from why


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _host(settings: Settings) -> str:
    return urlsplit(settings.base_url).hostname or ""


def _challenge_in(sent: Any) -> bytes:
    from webauthn.helpers import parse_client_data_json

    return parse_client_data_json(sent.response.client_data_json).challenge


def _challenge(service: Service, purpose: str, account: StoredAccount) -> bytes:
    """A challenge that need not be stored: random, of this time, and signed for one account and purpose."""
    unsigned = f"{secrets.token_urlsafe(16)}.{int(service.now().timestamp() * MICROSECONDS)}"
    return f"{unsigned}.{service.keys.sign(purpose, _signed(account, unsigned))}".encode()


def _issued_at(service: Service, purpose: str, account: StoredAccount, challenge: bytes) -> datetime:
    """When we gave *challenge*.

    :raises ValueError: we did not, not for that, or too long ago.
    """
    unsigned, _, signature = challenge.decode().rpartition(".")
    if not service.keys.is_signature(purpose, _signed(account, unsigned), signature):
        raise ValueError("This is not our challenge.")
    issued_at = datetime.fromtimestamp(int(unsigned.rpartition(".")[2]) / MICROSECONDS, UTC)
    if abs(service.now() - issued_at) >= LIFETIME:  # another node, whose clock is ahead, may have issued it
        raise ValueError("This challenge is too old.")
    return issued_at


def _signed(account: StoredAccount, unsigned: str) -> str:
    return f"{account.public_id}\0{unsigned}"
