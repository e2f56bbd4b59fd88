"""Nothing public depends on an e-mail address: two services under different addresses answer alike."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from commentsvc.app import create_app
from commentsvc.diagnosis.in_process import Answer
from commentsvc.diagnosis.public_requests import PRIVATE, SAMPLES
from commentsvc.settings import Settings
from tests.privacy.twins import SHOWN_AGAIN, Twin, make_twins, seen
from tests.running_service import InProcess, make_in_process

MAIL = {"SMTP_URL": "smtp://127.0.0.1:1", "MAIL_FROM": "comments@blog.example"}  # nobody sends any here


@pytest.fixture(scope="module", params=["first", "none"])
def twins(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, template: Path
) -> Iterator[tuple[Twin, Twin]]:
    def make(**settings: Any) -> InProcess:
        return make_in_process(tmp_path_factory.mktemp("twin"), template, **settings)

    twins = make_twins(make, MODERATION=request.param, **MAIL)
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
        assert seen(apart, one) == seen(together, other), one.url


@pytest.mark.slow_on_postgresql
@pytest.mark.sampled(3)
@pytest.mark.parametrize(("method", "rule"), SAMPLES)
def test_both_answer_with_the_same_bytes(twins: tuple[Twin, Twin], method: str, rule: str) -> None:
    apart, together = twins

    for sample in SAMPLES[method, rule]:
        path, more = sample.get("path", rule), {k: v for k, v in sample.items() if k != "path"}
        for asked in [method, *(["HEAD"] if method == "GET" else []), "OPTIONS"]:
            one, other = (twin.ask(asked, path, **more) for twin in twins)
            assert seen(apart, one) == seen(together, other), (asked, sample)
            assert one.status_code < 500 or (rule, one.status_code) == ("/api/v1/thread/events", 501)


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
        whole = answer.text + str(answer.headers.to_wsgi_list())
        assert not [trace for trace in wanted if trace in whole], answer.url


def typed_itself(twin: Twin, answer: Answer) -> bool:
    """Whether the answer shows to somebody the form or the address that this same request held."""
    asked = str(answer.url)
    form = answer.method == "POST" and answer.status_code in SHOWN_AGAIN
    return "quibble" in asked or (form and "text/html" in answer.headers["Content-Type"])


def test_no_answer_sets_a_cookie_or_depends_on_one(twins: tuple[Twin, Twin]) -> None:
    apart, _ = twins

    assert not [answer.url for answer in apart.answers if "set-cookie" in answer.headers]
    assert not [answer for answer in apart.answers if "cookie" in answer.headers.get("vary", "").lower()]
