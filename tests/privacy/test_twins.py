"""Nothing public depends on an e-mail address: two services under different addresses answer alike."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from commentsvc.app import create_app
from commentsvc.publishing.scripts import Script, script_url
from commentsvc.settings import Settings
from tests.privacy.twins import SHOWN_AGAIN, Twin, make_twins, seen
from tests.running_service import InProcess, make_in_process

KITES = {"params": {"article": "kites"}}
JSON = {"name": "Ada", "email": "{Ada}", "article": "kites", "text": "Fresh.", "token": "{token}"}
PAGE = {name: value for name, value in JSON.items() if name != "article"}
KEY = {"headers": {"Authorization": "Bearer {edit_key}"}}
KEY_OF_REMOVED = {"headers": {"Authorization": "Bearer {edit_key_of_removed}"}}
KEY_OF_HELD = {"headers": {"Authorization": "Bearer {edit_key_of_held}"}}
OWN = {"params": {"article": "kites", "comment": "{own}"}}
OWN_HELD = {"params": {"article": "kites", "comment": "{held}"}}
Sample = dict[str, Any]

# For each public route there is: what people ask of it, with `path` where the rule has a variable.
SAMPLES: dict[tuple[str, str], list[Sample]] = {
    ("GET", "/"): [{}, {"headers": {"Accept-Language": "de"}}],
    ("GET", "/.well-known/security.txt"): [{}],
    ("GET", "/api/v1/thread"): [
        KITES,
        {"params": {"article": "kites", "order": "newest", "limit": "2"}},
        {"params": {"article": "kites", "limit": "3", "cursor": "{cursor}"}},
        {"params": {"article": "closed"}},
        {"params": {"article": "never seen"}},
        {"params": {"article": "kites", "limit": "3"}, "headers": {"If-None-Match": "{etag}"}},
        {"params": {"article": "kites", "cursor": "wrong"}},
        {"params": {"article": "kites", "site": "none"}},
        {},
    ],
    ("GET", "/api/v1/comments/<comment>"): [
        {"path": "/api/v1/comments/{comment}"},
        {"path": "/api/v1/comments/{removed}"},
        {"path": "/api/v1/comments/{held}"},
        {"path": "/api/v1/comments/none"},
    ],
    ("GET", "/api/v1/counts"): [{"params": {"article": ["kites", "closed", "none"]}}, {}],
    ("GET", "/thread/fragment"): [
        KITES,
        {"params": {"article": "kites", "order": "newest", "limit": "3"}},
        {"params": {"article": "closed"}},
        {"params": {"article": "never seen"}},
        {},
    ],
    ("GET", "/thread"): [
        KITES,
        {"params": {"article": "kites", "held": "1"}},
        {"params": {"article": "kites", "comment": "{own}", "own": "{receipt}"}},
        {"params": {"article": "kites", "held": "1", "own": "{receipt_of_held}"}},
        {"params": {"article": "kites", "comment": "{comment}", "reply_to": "{comment}"}},
        {"params": {"article": "kites", "comment": "{held}", "reply_to": "{held}"}},
        {"params": {"article": "closed"}},
        {},
    ],
    ("POST", "/thread"): [
        {**KITES, "data": PAGE},
        # With another text: under one address and from one network it would be the form before, sent again.
        {**KITES, "data": PAGE | {"email": "{Dee}", "text": "Fresh, too."}},
        {**KITES, "data": PAGE | {"name": "Mallory", "email": "{Mallory}"}},
        {**KITES, "data": PAGE | {"text": ""}},
        {**KITES, "data": PAGE | {"preview": "1"}},
        {**KITES, "data": PAGE | {"token": "{spent}"}},
        {**KITES, "data": PAGE | {"parent": "{held}"}},
        {"params": {"article": "closed"}, "data": PAGE},
        {**KITES, "json": PAGE},
    ],
    ("GET", "/thread/own"): [
        {"params": {"comment": "{own}"}, **KEY},
        {"params": {"comment": "{held}"}, **KEY_OF_HELD},
        {"params": {"comment": "{held}"}, **KEY},
        {},
    ],
    ("GET", "/thread/edit"): [
        {**OWN},
        {**OWN_HELD},
        {},
    ],
    ("POST", "/thread/edit"): [
        {**OWN, "data": {"key": "{edit_key}", "open": "1"}},
        {**OWN, "data": {"key": "{edit_key_of_held}", "open": "1"}},
        {**OWN_HELD, "data": {"key": "{edit_key_of_held}", "open": "1"}},
        {**OWN, "data": {"key": "{edit_key}", "text": "*Seen* first.", "preview": "1"}},
        {**OWN, "data": {"key": "{edit_key}", "text": "Edited on the page."}},
        {**OWN, "data": {"key": "{edit_key}", "text": ""}},
        {**OWN, "data": {"key": "{edit_key}", "delete": "ask"}},
        {**OWN, "data": {"key": "{edit_key_of_held}", "delete": "yes"}},
        {**OWN_HELD, "data": {"key": "{edit_key_of_held}", "text": "Edited on the page."}},
        {**OWN, "json": {}},
    ],
    ("POST", "/api/v1/comments"): [
        {"json": JSON},
        {"json": JSON | {"email": "{Dee}"}},
        {"json": JSON | {"name": "Mallory", "email": "{Mallory}"}},
        {"json": JSON | {"token": "{spent}", "text": "Sent twice."}},
        {"json": JSON | {"token": "{spent}"}},
        {"json": JSON | {"token": "{token}", "text": ""}},
        {"json": JSON | {"parent": "{held}"}},
        {"json": JSON | {"email": "nobody"}},
        {"json": JSON, "headers": {"Origin": "https://evil.example"}},
        {"content": b"{"},
    ],
    ("PATCH", "/api/v1/comments/<comment>"): [
        {"path": "/api/v1/comments/{own}", "json": {"text": "Edited."}, **KEY},
        {"path": "/api/v1/comments/{held}", "json": {"text": "Edited."}, **KEY_OF_HELD},
        {"path": "/api/v1/comments/{own}", "json": {"text": ""}, **KEY},
        {"path": "/api/v1/comments/{held}", "json": {"text": "Edited."}, **KEY},
        {"path": "/api/v1/comments/{own}", "json": {"text": "Edited."}},
    ],
    ("DELETE", "/api/v1/comments/<comment>"): [
        {"path": "/api/v1/comments/{own}"},
        {"path": "/api/v1/comments/{own}", **KEY},
        {"path": "/api/v1/comments/{own}", **KEY},
        {"path": "/api/v1/comments/{held}", **KEY_OF_HELD},
    ],
    ("POST", "/api/v1/comments/<comment>/reports"): [
        {
            "path": f"/api/v1/comments/{{{comment}}}/reports",
            "json": {"token": "{token}", "reason": "abuse"} | more,
        }
        for comment in ("comment", "removed", "held", "cursor")
        for more in (
            {"email": "{Dee}"},
            {"email": "{Ada}", "text": "Of Ada.", "reason": "illegal"},
            {"reason": 5},
        )
    ],
    ("GET", "/api/v1/comments/<comment>/reasons"): [
        {"path": "/api/v1/comments/{own}/reasons", **KEY},
        {"path": "/api/v1/comments/{held}/reasons", **KEY_OF_HELD},
        {"path": "/api/v1/comments/{removed}/reasons", **KEY_OF_REMOVED},
        {"path": "/api/v1/comments/{removed}/reasons", **KEY},
    ],
    ("POST", "/api/v1/comments/<comment>/reasons"): [
        {"path": "/api/v1/comments/{held}/reasons", "json": {"text": "Why?"}, **KEY_OF_HELD},
        {"path": "/api/v1/comments/{removed}/reasons", "json": {"text": "Why?"}, **KEY_OF_REMOVED},
        {"path": "/api/v1/comments/{removed}/reasons", "json": {"text": ""}, **KEY_OF_REMOVED},
    ],
    ("GET", "/thread/report"): [
        {"params": {"comment": "{comment}", "article": "kites"}},
        {"params": {"comment": "{held}"}},
        {},
    ],
    ("POST", "/thread/report"): [
        {"params": {"comment": "{comment}"}, "data": {"token": "{token}", "reason": "spam", "email": "{Bo}"}},
        {"params": {"comment": "{held}"}, "data": {"token": "{token}", "reason": "spam"}},
        {"params": {"comment": "{held}"}, "data": {"token": "{token}", "email": "nobody"}},
    ],
    ("POST", "/thread/reasons"): [
        {**OWN_HELD, "data": {"key": "{edit_key_of_held}", "objection": "Why?"}},
        {**OWN, "data": {"key": "{edit_key_of_held}", "objection": "Why?"}},
        {**OWN, "data": {"key": "{edit_key}", "objection": ""}},
    ],
    ("GET", "/api/v1/form"): [KITES, {"params": {"article": "closed"}}, {}],
    ("POST", "/api/v1/preview"): [{"json": {"text": "*Hello*"}}, {"json": {}}],
    ("GET", "/feeds/thread.atom"): [KITES, {"params": {"article": "closed"}}, {}],
    ("GET", "/feeds/site.atom"): [{}, {"params": {"site": "none"}}],
    ("GET", "/embed.js"): [{}],
    ("GET", "/count.js"): [{}],
    ("GET", "/frame.js"): [{}],
    ("GET", "/follow.js"): [{}],
    ("GET", "/write.js"): [{}],
    ("GET", "/publisher.js"): [{}],
    ("GET", "/words.js"): [{}],
    ("GET", "/<name>-<digest>.js"): [
        {"path": f"/{script_url(Script.EMBED)}"},
        {"path": f"/{script_url(Script.FOLLOW)}"},
        {"path": f"/{script_url(Script.WRITE)}"},
        {"path": f"/{script_url(Script.PUBLISHER)}"},
        {"path": "/count-none.js"},
        {"path": "/none-none.js"},
    ],
    ("GET", "/static/<path:filename>"): [
        {"path": "/static/widget/comments.css"},
        {"path": "/static/../app.py"},
        {"path": "/static/none"},
    ],
    ("GET", "/healthz"): [{}],
    ("GET", "/healthz/connection"): [{}],
    ("GET", "/readyz"): [{}],
    ("GET", "/metrics"): [{}],
    ("GET", "/openapi.json"): [{}],
    ("GET", "/docs"): [{}],
}
PRIVATE = ("/moderation", "/api/v1/moderation")


@pytest.fixture(scope="module", params=["first", "none"])
def twins(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, template: Path
) -> Iterator[tuple[Twin, Twin]]:
    def make(**settings: Any) -> InProcess:
        return make_in_process(tmp_path_factory.mktemp("twin"), template, **settings)

    twins = make_twins(make, MODERATION=request.param)
    yield twins
    for twin in twins:
        twin.service.close()


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """All that is there but the moderators' own."""
    app = create_app(Settings.from_environ({"COMMENTSVC_DATA_DIR": str(tmp_path_factory.mktemp("routes"))}))
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith(PRIVATE)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_public_route_has_a_sample(routes: set[tuple[str, str]]) -> None:
    assert routes == set(SAMPLES)


def test_the_people_themselves_were_answered_alike(twins: tuple[Twin, Twin]) -> None:
    apart, together = twins

    assert len(apart.answers) > 30
    for one, other in zip(apart.answers, together.answers, strict=True):
        assert seen(apart, one) == seen(together, other), one.request.url


@pytest.mark.parametrize(("method", "rule"), SAMPLES)
def test_both_answer_with_the_same_bytes(twins: tuple[Twin, Twin], method: str, rule: str) -> None:
    apart, together = twins

    for sample in SAMPLES[method, rule]:
        path, more = sample.get("path", rule), {k: v for k, v in sample.items() if k != "path"}
        for asked in [method, *(["HEAD"] if method == "GET" else []), "OPTIONS"]:
            one, other = (twin.ask(asked, path, **more) for twin in twins)
            assert seen(apart, one) == seen(together, other), (asked, sample)
            assert one.status_code < 500


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/nothing", "/{Ada}", "/api/v1/thread/x", "/feeds/{Ada}.atom"])
def test_errors_are_the_same_too(twins: tuple[Twin, Twin], method: str, path: str) -> None:
    apart, together = twins

    one, other = (twin.ask(method, path, params={"email": "{Ada}"}) for twin in twins)

    assert seen(apart, one) == seen(together, other)
    assert one.status_code in {404, 405}


def traces(address: str) -> set[str]:
    """An address, and what is commonly made of one."""
    spellings = {address, address.lower(), address.casefold()}
    made = {quote(spelling, safe="") for spelling in spellings}
    for spelling in spellings:
        raw = spelling.encode()
        made |= {hashlib.new(name, raw).hexdigest() for name in ("md5", "sha1", "sha256", "sha512")}
        made |= {
            base64.b64encode(raw).decode().rstrip("="),
            base64.urlsafe_b64encode(raw).decode().rstrip("="),
        }
        made |= {spelling[::-1], spelling.replace("@", " at "), spelling.replace("@", "&#64;")}
    return spellings | made | {"quibble"}


def test_no_trace_of_an_address_is_in_any_answer(twins: tuple[Twin, Twin]) -> None:
    apart, _ = twins
    wanted = {trace for address in apart.addresses.values() for trace in traces(address)}
    for (method, rule), samples in SAMPLES.items():
        for sample in samples:
            if method == "GET":
                apart.ask(
                    method, sample.get("path", rule), **{k: v for k, v in sample.items() if k != "path"}
                )

    for answer in apart.answers:
        if typed_itself(apart, answer):
            continue
        whole = answer.text + str(answer.headers.multi_items())
        assert not [trace for trace in wanted if trace in whole], answer.request.url


def typed_itself(twin: Twin, answer: httpx.Response) -> bool:
    """Whether the answer shows to somebody the form or the address that this same request held."""
    asked = str(answer.request.url)
    form = answer.request.method == "POST" and answer.status_code in SHOWN_AGAIN
    return "quibble" in asked or (form and "text/html" in answer.headers["Content-Type"])


def test_no_answer_sets_a_cookie_or_depends_on_one(twins: tuple[Twin, Twin]) -> None:
    apart, _ = twins

    assert not [answer.request.url for answer in apart.answers if "set-cookie" in answer.headers]
    assert not [answer for answer in apart.answers if "cookie" in answer.headers.get("vary", "").lower()]
