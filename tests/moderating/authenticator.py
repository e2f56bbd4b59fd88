"""A passkey as a device makes it (WebAuthn §6), without a browser: ES256, no attestation."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT, USER_VERIFIED, HAS_CREDENTIAL = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """A device with one passkey; `count` is how often it says that it signed."""

    origin: str
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: os.urandom(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: str) -> str:
        """Make the passkey, as the page's options ask."""
        asked = json.loads(options)
        numbers = self.key.public_key().public_numbers()
        cose = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        )
        identity = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id
        data = self._data(asked["rp"]["id"], HAS_CREDENTIAL) + identity + cose
        client = self._client("webauthn.create", asked["challenge"])
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._credential({"clientDataJSON": _base64(client), "attestationObject": _base64(attested)})

    def sign(self, options: str, *, origin: str | None = None) -> str:
        """Sign the challenge of the page's options."""
        asked = json.loads(options)
        client = self._client("webauthn.get", asked["challenge"], origin)
        data = self._data(asked["rpId"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._credential({name: _base64(value) for name, value in response.items()})

    def _data(self, host: str, flags: int = 0) -> bytes:
        flags |= USER_PRESENT | USER_VERIFIED
        return hashlib.sha256(host.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, kind: str, challenge: str, origin: str | None = None) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin or self.origin}).encode()

    def _credential(self, response: dict[str, Any]) -> str:
        name = _base64(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
