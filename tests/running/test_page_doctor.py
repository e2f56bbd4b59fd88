"""`commentsvc doctor --page` names the one setting that is wrong, and is silent on a right set-up.

nginx with the file of deploy/ stands before a service that runs; a publisher's server and the browser's view of their
names are the test's own.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from commentsvc.app import create_app
from commentsvc.diagnosis.browser import Browser
from commentsvc.diagnosis.checks import CHECKS
from commentsvc.diagnosis.connection import prove
from commentsvc.diagnosis.examination import examine
from commentsvc.diagnosis.findings import Finding
from commentsvc.publishing.scripts import Script, integrity_of, script_url
from commentsvc.settings import PREFIX, Settings
from tests.command_line import typed
from tests.conftest import MakeService
from tests.page_host import Authority, Site, publishing
from tests.proxies import KINDS, running, started
from tests.running_service import Live, free_port, serving

pytestmark = pytest.mark.slow

BASE = "https://comments.example"
PAGE = "https://news.example/2019/04/kim-vladivostok"
HTML = """<!doctype html><title>A page</title><script async src="{base}/embed.js"></script>
<comment-thread article="2019/04/kim-vladivostok"><a href="{base}/thread">Comments</a></comment-thread>"""
POLICY = "default-src 'none'; script-src https://comments.example; connect-src https://comments.example"
XFF = "proxy_set_header X-Forwarded-For $remote_addr;"


@dataclass(frozen=True)
class SetUp:
    """How all of it is set up; as it stands here, all is well.

    :param nginx: patterns in its file, and what stands there instead.
    :param served: settings of the service that differ; *given*: those that the command was given.
    """

    nginx: tuple[tuple[str, str], ...] = ()
    served: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    page: str = PAGE
    html: str = HTML.format(base=BASE)
    headers: dict[str, str] = field(default_factory=dict)
    page_clock: timedelta = timedelta(0)
    is_on_www_too: bool = False
    by_http: str = "nothing"
    certificate: tuple[str, ...] = ("comments.example", "www.comments.example")
    certified: timedelta = timedelta(0)
    is_trusted: bool = True
    at: str = "comments.example"  # the host and port under which nginx is reached


BY_HTTP = {"nothing": None, "as it is": None, "to https": Site("", {"Location": PAGE}, status=301)}

RIGHT = {
    "as documented": SetUp(),
    "a strict policy": SetUp(headers={"Content-Security-Policy": f"{POLICY}; trusted-types 'none'"}),
    "two proxies, the last of which adds": SetUp(
        nginx=(
            (re.escape(XFF), "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"),
            (r"\Z", "server {{ listen 127.0.0.1:{outer} ssl; server_name comments.example; ssl_certificate {pem}; "
             "ssl_certificate_key {pem}; client_max_body_size 1m; location / {{ proxy_pass https://127.0.0.1:{port}; "
             "proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; }} }}"),
        ),
        served={"TRUSTED_PROXIES": "2"},
        at="outer",
    ),
    "a path that the proxy keeps": SetUp(
        served={"BASE_URL": f"{BASE}/talk"}, html=HTML.format(base=f"{BASE}/talk")
    ),
    "a path that the proxy takes off": SetUp(
        nginx=((r"location / ", "location /talk/ "), (r"(proxy_pass http://[^;]+)", r"\1/")),
        served={"BASE_URL": f"{BASE}/talk"},
        html=HTML.format(base=f"{BASE}/talk"),
    ),
    "a pinned script": SetUp(
        html=HTML.format(base=BASE).replace("/embed.js", f"/{script_url(Script.EMBED)}").replace(
            "<script", f'<script crossorigin integrity="{integrity_of(Script.EMBED)}"'
        )
    ),
    "http leads to https": SetUp(by_http="to https"),
    "names in capitals, with the port": SetUp(html=HTML.format(base="https://Comments.Example:443")),
    "www as well, and allowed": SetUp(
        served={"ORIGINS": "https://news.example,https://www.news.example"}, is_on_www_too=True
    ),
}  # fmt: skip

WRONG = {
    # What is wrong, the check that finds it, and the one setting that it names.
    "an origin that may not post": (
        SetUp(served={"ORIGINS": ""}),
        "origin of the page", "commentsvc site set default --add-origin https://news.example",
    ),
    "the page is www, and the bare name allowed": (
        SetUp(page=PAGE.replace("news", "www.news"), is_on_www_too=True),
        "origin of the page", "commentsvc site set default --add-origin https://www.news.example",
    ),
    "the page is there under www as well": (
        SetUp(is_on_www_too=True),
        "page with and without www", "commentsvc site set default --add-origin https://www.news.example",
    ),
    "BASE_URL has http, the proxy speaks TLS": (
        SetUp(served={"BASE_URL": "http://comments.example", "ALLOW_HTTP": "true"}),
        "way to the service", "COMMENTSVC_BASE_URL=https://comments.example",
    ),
    "BASE_URL has another port": (
        SetUp(served={"BASE_URL": f"{BASE}:8443"}),
        "way to the service", "COMMENTSVC_BASE_URL=https://comments.example",
    ),
    "BASE_URL has www": (
        SetUp(served={"BASE_URL": "https://www.comments.example"}),
        "way to the service", "COMMENTSVC_BASE_URL=https://comments.example",
    ),
    "BASE_URL has no path": (
        SetUp(
            nginx=((r"location / ", "location /talk/ "), (r"(proxy_pass http://[^;]+)", r"\1/")),
            html=HTML.format(base=f"{BASE}/talk"),
        ),
        "way to the service", "COMMENTSVC_BASE_URL=https://comments.example/talk",
    ),
    "BASE_URL has a path that the proxy does not have": (
        SetUp(
            served={"BASE_URL": f"{BASE}/talk"}, html=HTML.format(base=f"{BASE}/talk"),
            nginx=((r"(proxy_pass http://[^;]+)", r"\1/comments/"),),
        ),
        "way to the service", "the path in the proxy's settings (proxy_pass without a path)",
    ),
    "the service was not restarted": (
        SetUp(given={"BASE_URL": "https://www.comments.example"}),
        "way to the service", "COMMENTSVC_BASE_URL=https://comments.example",
    ),
    "the command has other settings than the service": (
        SetUp(given={"TRUSTED_PROXIES": "2"}),
        "settings of the service", "COMMENTSVC_TRUSTED_PROXIES=1",
    ),
    "the command has another key than the service": (
        SetUp(given={"SECRET_KEY": "x" * 32}),
        "way to the service", "COMMENTSVC_DATA_DIR=…, that of the running service",
    ),
    "a certificate that nobody trusts": (
        SetUp(is_trusted=False),
        "way to the service", "the certificate in the proxy's settings (ssl_certificate)",
    ),
    "no proxy is trusted": (
        SetUp(served={"TRUSTED_PROXIES": "0"}),
        "number of proxies", "COMMENTSVC_TRUSTED_PROXIES=1",
    ),
    "too many proxies are trusted": (
        SetUp(
            served={"TRUSTED_PROXIES": "2"},
            nginx=((re.escape(XFF), "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"),),
        ),
        "number of proxies", "COMMENTSVC_TRUSTED_PROXIES=1",
    ),
    "the proxy does not say for whom it asks": (
        SetUp(nginx=((re.escape(XFF), 'proxy_set_header X-Forwarded-For "";'),)),
        "number of proxies",
        "X-Forwarded-For in the proxy's settings (proxy_set_header X-Forwarded-For $remote_addr)",
    ),
    "the last of two proxies replaces what the first wrote": (
        SetUp(
            nginx=(
                (r"\Z", "server {{ listen 127.0.0.1:{outer} ssl; server_name comments.example; ssl_certificate {pem}; "
                 "ssl_certificate_key {pem}; client_max_body_size 1m; location / {{ proxy_pass https://127.0.0.1:{port}; "
                 "proxy_bind 127.0.7.9; proxy_set_header Host $host; }} }}"),
            ),
            at="outer",
        ),
        "address of the client",
        "X-Forwarded-For in the proxy's settings: the last one must add to it (proxy_set_header X-Forwarded-For "
        "$proxy_add_x_forwarded_for)",
    ),
    "what a client writes is believed": (
        SetUp(nginx=((re.escape(XFF), 'set $who $http_x_forwarded_for; if ($who = "") {{ set $who $remote_addr; }} '
                      "proxy_set_header X-Forwarded-For $who;"),)),
        "forged address",
        "X-Forwarded-For in the proxy's settings: what a client sends of it must be dropped",
    ),
    "another site answers under the name": (
        SetUp(
            nginx=(
                (r"server_name comments.example", "server_name other.example"),
                (r"\Z", "server {{ listen 127.0.0.1:{port} ssl default_server; ssl_certificate {pem}; "
                 "ssl_certificate_key {pem}; return 200 welcome; }}"),
            )
        ),
        "way to the service", "the name in the proxy's settings (server_name comments.example)",
    ),
    "the proxy asks another port for the service": (
        SetUp(nginx=((r"proxy_pass http://[^;]+", "proxy_pass http://127.0.0.1:1"),)),
        "way to the service", "the service's address in the proxy's settings (proxy_pass)",
    ),
    "an expired certificate": (
        SetUp(certified=timedelta(days=14)),
        "way to the service", "the certificate in the proxy's settings (ssl_certificate)",
    ),
    "a certificate of another name": (
        SetUp(certificate=("other.example",)),
        "way to the service", "the certificate in the proxy's settings (ssl_certificate)",
    ),
    "no TLS at the port of https": (
        SetUp(nginx=((r" ssl;", ";"), (r"ssl_certificate.*;", ""))),
        "way to the service", "the port in the proxy's settings at which it speaks TLS (listen … ssl)",
    ),
    "a clock that is an hour off": (
        SetUp(page_clock=timedelta(hours=1)),
        "clock", "the clock of the one that is wrong (timedatectl set-ntp true)",
    ),
    "bodies are cut short": (
        SetUp(nginx=((r"client_max_body_size 256k", "client_max_body_size 8k"),)),
        "long texts", "the size of bodies in the proxy's settings (client_max_body_size 181k)",
    ),
    "the proxy lets only GET and POST pass": (
        SetUp(nginx=((r"location / \{", "location / {{ limit_except GET POST {{ deny all; }}"),)),
        "methods", "the methods in the proxy's settings (limit_except): GET, HEAD, POST, PATCH, DELETE and OPTIONS pass",
    ),
    "the proxy adds a header that the service sets": (
        SetUp(nginx=((r"location / \{", "location / {{ add_header Access-Control-Allow-Origin * always;"),)),
        "cross-origin reading",
        "Access-Control-Allow-Origin in the proxy's settings: the service sets it, the proxy must not",
    ),
    "the proxy drops Authorization": (
        SetUp(nginx=((re.escape(XFF), XFF + ' proxy_set_header Authorization "";'),)),
        "way to the service", "the header Authorization in the proxy's settings: it must be passed on",
    ),
    "the policy has no script-src": (
        SetUp(headers={"Content-Security-Policy": "default-src 'self'; connect-src https://comments.example"}),
        "policy of the page", "Content-Security-Policy of the page: script-src https://comments.example",
    ),
    "the policy has no connect-src": (
        SetUp(html=HTML.format(base=BASE) + '<meta http-equiv="Content-Security-Policy" content="'
              "script-src https://comments.example; connect-src 'self'\">"),
        "policy of the page", "Content-Security-Policy of the page: connect-src https://comments.example",
    ),
    "the page names the script by http": (
        SetUp(html=HTML.format(base="http://comments.example")),
        "script of the page", '<script async src="https://comments.example/embed.js"> in the page\'s HTML',
    ),
    "the page pins another script": (
        SetUp(html=HTML.format(base=BASE).replace("<script", '<script crossorigin integrity="sha256-AAAA"')),
        "pinned script", "the snippet in the page's HTML, as commentsvc embed-snippet ARTICLE --pin prints it",
    ),
    "the page pins the script without crossorigin": (
        SetUp(html=HTML.format(base=BASE).replace(
            "<script", f'<script integrity="{integrity_of(Script.EMBED)}"'
        )),
        "pinned script", "the snippet in the page's HTML, as commentsvc embed-snippet ARTICLE --pin prints it",
    ),
    "the page is there by http as well": (
        SetUp(by_http="as it is"),
        "page by http", "a redirect from http to https on the server of the page",
    ),
    "the page has no script": (
        SetUp(html='<comment-thread article="a"></comment-thread>'),
        "script of the page", '<script async src="https://comments.example/embed.js"> in the page\'s HTML',
    ),
    "the page names a site that there is not": (
        SetUp(html=HTML.format(base=BASE).replace("<comment-thread", '<comment-thread site="weekend"')),
        "threads of the page", 'site="…" of <comment-thread> in the page\'s HTML',
    ),
    "the page names no article": (
        SetUp(html=HTML.format(base=BASE).replace(' article="2019/04/kim-vladivostok"', "")),
        "threads of the page", 'article="…" of <comment-thread> in the page\'s HTML',
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with ExitStack() as running:
        yield Services(tmp_path_factory.mktemp("services"), running)


@dataclass
class Services:
    """Services that run, one for each choice of settings."""

    folder: Path
    running: ExitStack
    lives: dict[str, Live] = field(default_factory=dict)

    def with_settings(self, **settings: str) -> Live:
        chosen = {"BASE_URL": BASE, "TRUSTED_PROXIES": "1", "ORIGINS": "https://news.example"} | settings
        key = repr(sorted(chosen.items()))
        if key not in self.lives:
            data_dir = self.folder / str(len(self.lives))
            self.lives[key] = self.running.enter_context(serving(data_dir, **chosen))
        return self.lives[key]


@pytest.fixture(scope="module")
def template_dir(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a service that does not run."""
    folder = tmp_path_factory.mktemp("idle") / "data"
    shutil.copytree(template, folder)
    typed("site", "list", data_dir=folder)
    return folder


def diagnosed(set_up: SetUp, services: Services, authority: Authority, folder: Path) -> list[Finding]:
    """All that is found where everything is set up so."""
    live = services.with_settings(**set_up.served)
    signing = authority if set_up.is_trusted else Authority(folder)
    certificate = signing.certify(*set_up.certificate, past=set_up.certified)
    site = Site(set_up.html, set_up.headers, datetime.now(UTC) + set_up.page_clock)
    hosts = ["news.example", "www.news.example"][: 1 + set_up.is_on_www_too]
    publisher = authority.certify("news.example", "www.news.example")
    with (
        publishing(dict.fromkeys(hosts, site), publisher) as page_port,
        publishing({"news.example": BY_HTTP[set_up.by_http] or site}) as http_port,
        nginx(set_up, live, certificate, folder) as ports,
    ):
        reached_at = {
            ("news.example", 443): page_port,
            ("www.news.example", 443): page_port if set_up.is_on_www_too else 1,
            ("news.example", 80): 1 if set_up.by_http == "nothing" else http_port,
            ("www.news.example", 80): 1,
            ("comments.example", 443): ports["outer" if set_up.at == "outer" else "port"],
            ("comments.example", 80): 1,
            ("comments.example", 8443): 1,
            ("www.comments.example", 443): 1,
        }
        browser = Browser(
            authority.trusting(), {name: ("127.0.0.1", port) for name, port in reached_at.items()}
        )
        environ = live.environ | {PREFIX + name: value for name, value in set_up.given.items()}
        app = create_app(Settings.from_environ(environ))
        return list(examine(app.extensions["commentsvc"], set_up.page, browser))


@contextmanager
def nginx(set_up: SetUp, live: Live, certificate: Path, folder: Path) -> Iterator[dict[str, int]]:
    """nginx with the file of deploy/, changed as *set_up* says; give its ports."""
    ports = {"port": free_port(), "outer": free_port()}
    settings = KINDS["nginx"].file.read_text()
    for pattern, replacement in (
        (r"listen 443", f"listen 127.0.0.1:{ports['port']}"),
        (r"/etc/ssl/comments\.(pem|key)", str(certificate)),
        (r"/var/log/nginx", str(folder)),
        (r"127\.0\.0\.1:5000", live.base_url.removeprefix("http://")),
        *set_up.nginx,
    ):
        changed = replacement.replace("{{", "{").replace("}}", "}").replace("{pem}", str(certificate))
        for name, port in ports.items():
            changed = changed.replace(f"{{{name}}}", str(port))
        settings, count = re.subn(pattern, changed, settings)
        assert count, pattern
    file = folder / "settings"
    file.write_text(KINDS["nginx"].around.format(settings=settings, folder=folder))
    with started(KINDS["nginx"].command(file), folder) as process:
        until = time.monotonic() + 30
        while not _answers(ports["port"]):
            assert process.poll() is None, (folder / "output.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.02)
        yield ports


def _answers(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/", timeout=5)
    except httpx.ConnectError:
        return False
    return True


def told(findings: list[Finding]) -> list[tuple[str, str | None]]:
    return [(finding.name, finding.fault.setting) for finding in findings if finding.fault]


@pytest.mark.sampled(6)
@pytest.mark.parametrize("set_up", RIGHT.values(), ids=RIGHT)
def test_a_right_set_up_is_found_well(
    set_up: SetUp, services: Services, authority: Authority, tmp_path: Path
) -> None:
    findings = diagnosed(set_up, services, authority, tmp_path)

    assert told(findings) == []
    assert [finding.name for finding in findings] == ["page", "way to the service", *CHECKS]


@pytest.mark.sampled(24)
@pytest.mark.parametrize(("set_up", "check", "setting"), WRONG.values(), ids=WRONG)
def test_of_a_wrong_one_the_setting_is_named(
    set_up: SetUp, check: str, setting: str, services: Services, authority: Authority, tmp_path: Path
) -> None:
    assert told(diagnosed(set_up, services, authority, tmp_path)) == [(check, setting)]


@pytest.mark.soak
@pytest.mark.sampled(4)
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_silent_behind_each_proxy_and_knows_that_one_is_there(
    kind: str, services: Services, tmp_path: Path
) -> None:
    base = "http://comments.example"
    settings = {"BASE_URL": base, "ALLOW_HTTP": "true", "ORIGINS": "http://news.example"}
    live = services.with_settings(**settings)
    wrong = services.with_settings(**settings, TRUSTED_PROXIES="0")

    def found(live: Live, folder: Path) -> list[tuple[str, str | None]]:
        folder.mkdir()
        with (
            publishing({"news.example": Site(HTML.format(base=base))}) as page_port,
            running(kind, folder, int(live.base_url.rpartition(":")[2])) as proxy,
        ):
            reached_at = {"news.example": page_port, "www.news.example": 1, "comments.example": proxy.port}
            browser = Browser(
                reached_at={(host, 80): ("127.0.0.1", port) for host, port in reached_at.items()}
            )
            service = create_app(Settings.from_environ(live.environ)).extensions["commentsvc"]
            return told(list(examine(service, "http://news.example/a", browser)))

    assert found(live, tmp_path / "right") == []
    assert found(wrong, tmp_path / "wrong") == [("number of proxies", "COMMENTSVC_TRUSTED_PROXIES=1")]


@pytest.mark.soak
def test_the_demo_is_well_and_its_page_without_a_service_is_not(tmp_path: Path) -> None:
    with serving(tmp_path / "data", command="demo") as live:
        settings = {"BASE_URL": live.base_url.replace("127.0.0.1", "localhost")}
        article = re.search(r'<a[^>]* href="(/demo/[^"]+)"', httpx.get(f"{live.base_url}/demo/").text)
        assert article
        words = ["doctor", "--page", live.base_url + article[1]]

        well = typed(*words, data_dir=live.data_dir, **settings)
        as_json = typed(*words, "--json", "--deep", data_dir=live.data_dir, **settings)
    gone = typed(*words, "--json", data_dir=live.data_dir, **settings)

    assert (well.exit_code, "wrong" in well.stdout) == (0, False), well.output
    assert well.stdout.splitlines()[-len(CHECKS) :] == [f"ok     {name}" for name in CHECKS]
    assert as_json.exit_code == 0
    report = json.loads(as_json.stdout)
    assert report["ok"] is True
    assert {check["ok"] for check in report["checks"]} == {True}
    assert gone.exit_code == 1
    report = json.loads(gone.stdout)
    assert report["ok"] is False
    assert report["checks"][-1] == {
        "name": "page",
        "ok": False,
        "detail": f"{words[-1]} cannot be read: nothing listens there (Connection refused).",
        "setting": "the server of the page",
    }


@pytest.mark.parametrize(
    "address", ["", "nonsense", "ftp://news.example/", "https://", "https://[::1", "http://a:b/"]
)
def test_what_is_no_address_of_a_page_is_told(template_dir: Path, address: str) -> None:
    done = typed("doctor", "--page", address or " ", data_dir=template_dir)

    assert done.exit_code == 1
    assert "wrong  page: " in done.stdout
    assert "cannot be read: its host is not found (this is no http or https address)" in done.stdout


@pytest.mark.soak
def test_only_who_has_the_key_is_told_what_the_service_sees(make_service: MakeService) -> None:
    service = make_service(TRUSTED_PROXIES="1")
    proof = prove(service.app.extensions["commentsvc"])

    def asked(proof: str | None) -> httpx.Response:
        headers = {"X-Forwarded-For": "192.0.2.9"} | ({"Authorization": f"Bearer {proof}"} if proof else {})
        return service.http().get("/healthz/connection", headers=headers)

    seen = asked(proof)
    assert (seen.status_code, seen.headers["Cache-Control"]) == (200, "no-store")
    assert (seen.json()["client"], seen.json()["peer"]) == ("192.0.2.9", "192.0.2.1")
    assert asked(None).status_code == 403
    at, _, signature = proof.partition(".")
    for wrong in ("x", ".", proof + "x", f"{int(at) + 1}.{signature}", f"x{proof}", f"{at}."):
        assert asked(wrong).status_code == 404, wrong
    service.clock.move(days=2)
    assert asked(proof).status_code == 404
