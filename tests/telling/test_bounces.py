"""Whatever comes back is read, quickly, and taken for no more than it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.notifications.mail.bounces import Kind, classify

pytestmark = pytest.mark.unit

BEGIN = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
PART = b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"


def report(*fields: str) -> bytes:
    """A report about as many recipients."""
    return BEGIN + PART + "\n".join(fields).encode() + b"\n--b--\n"


def of(status: str, diagnostic: str = "", action: str = "failed") -> str:
    return f"Final-Recipient: rfc822; ada@paper.example\nAction: {action}\nStatus: {status}\nDiagnostic-Code: {diagnostic}\n"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (report(of("5.1.1")), Kind.HARD),
        (report(of("5.1.2 (bad destination system address)")), Kind.HARD),
        (report(of("5.0.0", "smtp; 550 5.1.1 <ada@paper.example>... User unknown")), Kind.HARD),
        (report(of("5.0.0", "smtp; 550 <ada@paper.example>: User unknown")), Kind.HARD),
        (report(of("5.1.1", "smtp; 550-5.1.1 The account that you tried to reach does not exist.")), Kind.HARD),
        (report(of("5.1.1", "smtp; 550 5.1.1 <sender@paper.example> User unknown")), Kind.HARD),
        (report(of("5.0.0", "smtp; 550 User unknown")), Kind.SOFT),
        (report(of("5.1.1", "smtp; 550 5.7.1 Blocked")), Kind.SOFT),
        (report(of("5.1.1", "smtp; 550 5.1.1 Sender has sent too many")), Kind.SOFT),
        (report(of("5.1.1", "x-unix; no such user")), Kind.SOFT),
        (report(of("5.1.8")), Kind.SOFT),
        (report(of("5.2.2")), Kind.SOFT),
        (report(of("4.4.7")), Kind.SOFT),
        (report(of("5.1.1", action="delayed")), Kind.SOFT),
        (report(of("2.1.5", action="delivered")), Kind.NONE),
        (report(of("5.1.1"), of("5.2.2")), Kind.SOFT),
        (report(of("5.1.1"), of("2.0.0", action="delivered")), Kind.HARD),
        (b"Subject: Out of office\n\nBack on Monday. 550 5.1.1\n", Kind.NONE),
        (b"Content-Type: message/rfc822\n\n" + report(of("5.1.1")), Kind.NONE),
        (b"", Kind.NONE),
        (b"\0\xff" * 100, Kind.NONE),
        (report(of("5.1.1", "smtp; " + "x" * 1_500_000)), Kind.HARD),
        (b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(3000)), Kind.NONE),
    ],
    ids=range(23),
)  # fmt: skip
def test_a_report_is_taken_for_what_it_says(raw: bytes, kind: Kind) -> None:
    assert classify(raw).kind is kind


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_nothing_that_comes_back_fails(fields: bytes, junk: bytes) -> None:
    assert "@" not in classify(BEGIN + PART + fields + b"\n--b\n" + junk).why
    assert classify(junk).kind is Kind.NONE
