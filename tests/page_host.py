"""A publisher's web server, certificates that browsers trust or not: for `doctor --page`."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

WEEK = timedelta(days=7)


@dataclass
class Authority:
    """Makes certificates; a browser that trusts it trusts them."""

    folder: Path

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = self._signed("Authority", self._key, [], timedelta(0), is_authority=True)

    def trusting(self) -> ssl.SSLContext:
        """What a browser trusts that knows this authority."""
        return ssl.create_default_context(cadata=self._certificate.public_bytes(Encoding.PEM).decode())

    def trusted_file(self) -> Path:
        """Give a file for `SSL_CERT_FILE`, with which a process trusts this authority."""
        file = self.folder / "authority.pem"
        file.write_bytes(self._certificate.public_bytes(Encoding.PEM))
        return file

    def certify(self, *hosts: str, past: timedelta = timedelta(0)) -> Path:
        """Give a file with a key and a certificate for *hosts*; it ended a week ago with a *past* of two."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._signed(hosts[0], key, hosts, past)
        file = self.folder / f"{hosts[0]}.{past.days}.pem"
        file.write_bytes(
            certificate.public_bytes(Encoding.PEM)
            + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        return file

    def _signed(
        self,
        name: str,
        key: Any,
        hosts: tuple[str, ...] | list[str],
        past: timedelta,
        *,
        is_authority: bool = False,
    ) -> x509.Certificate:
        begin = datetime.now(UTC) - past
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority")])
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin - WEEK)
            .not_valid_after(begin + WEEK)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if hosts:
            names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
            built = built.add_extension(names, critical=False)
        return built.sign(self._key, SHA256())


@dataclass
class Site:
    """What a publisher's server answers: a page, the same under every path."""

    html: str
    headers: dict[str, str] = field(default_factory=dict)
    date: datetime | None = None
    status: int = 200


@contextmanager
def publishing(sites: Mapping[str, Site], certificate: Path | None = None) -> Iterator[int]:
    """Serve *sites*, each under its host, by https if there is a *certificate*; give the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site = sites.get(self.headers["Host"].partition(":")[0])
            body = site.html.encode() if site else b""
            self.send_response_only(site.status if site else 404)
            date = site.date if site else None
            self.send_header("Date", formatdate((date or datetime.now(UTC)).timestamp(), usegmt=True))
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            for name, value in (site.headers if site else {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate is not None:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(certificate)
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
