"""What a setting names is there, and can be read, before anything begins: else one line says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from commentsvc.settings import PREFIX
from tests.command_line import create_service, refusal, typed
from tests.running_service import free_port

SECRET = "unspeakable"
SERVING = [["serve"], ["demo"]]
WORKING = [["site", "list"], ["user", "list"], ["db", "upgrade"], ["rerender"]]
EXAMINING = [["doctor"], ["config"]]
DATABASES = {
    f"mysql://ada:{SECRET}@db/comments": "there are no drivers for others",
    f"oracle+oracledb://ada:{SECRET}@db": "there are no drivers for others",
    f"nonsense://{SECRET}": "there are no drivers for others",
    f"postgresql://ada:{SECRET}@db/comments": "begin with postgresql+psycopg://",
    f"postgres://ada:{SECRET}@db/comments": "begin with postgresql+psycopg://",
    f"postgresql+psycopg2://ada:{SECRET}@db/comments": "begin with postgresql+psycopg://",
    f"postgresql+asyncpg://ada:{SECRET}@db/comments": "begin with postgresql+psycopg://",
    f"postgresql+psycopg_async://ada:{SECRET}@db/comments": "begin with postgresql+psycopg://",
    f"postgresql+nonsense://ada:{SECRET}@db/comments": "begin with postgresql+psycopg://",
    f"postgresql+psycopg://ada:{SECRET}@db:port/comments": "write signs such as @",
    f"postgresql+psycopg://ada:{SECRET}@x@db/comments": "write signs such as @",
    f"postgresql+psycopg://ada:@{SECRET}/x@db/comments": "write signs such as @",
    f"postgresql+psycopg://ada:{SECRET}@[::1/comments": "write signs such as @",
    f"sqlite+aiosqlite:///{SECRET}.db": "begin with sqlite:///",
    "sqlite://": "a file",
    "sqlite:///:memory:": "a file",
    f"sqlite:///comments.db?timeout={SECRET}": "what follows “?”",
    f"postgresql+psycopg://ada:x@db?{SECRET}@db/comments": "write signs such as @",
    "postgresql+psycopg://db/comments?prepare_threshold=0.5": "what follows “?”",
    f"postgresql+psycopg://ada:{SECRET}@a..b/comments": "write signs such as @",
    f"postgresql+psycopg://ada:{SECRET}@/comments?host=%FF": "write signs such as @",
    f"postgresql+psycopg://db/comments?port={SECRET}": "what follows “?”",
    f"postgresql+psycopg://db/comments?user=a%00{SECRET}": "write signs such as @",
    "postgresql+psycopg://db/comments?prepare_threshold=-1": "what follows “?”",
    f"postgresql+psycopg://db/comments?prepare_threshold={SECRET}": "what follows “?”",
    "postgresql+psycopg://db/comments?prepare_threshold=1&prepare_threshold=2": "what follows “?”",
    SECRET: "sqlite:///PATH",
    "/var/lib/comments.db": "sqlite:///PATH",
}
PARAMETERS = {
    f"postgresql+psycopg://db/comments?odd={SECRET}": "this is not known: odd).",
    f"postgresql+psycopg://db/comments?row_factory={SECRET}&autocommit={SECRET}": "this is not known: autocommit, row_factory).",
    f"postgresql+psycopg://db/comments?conninfo={SECRET}": "this is not known: conninfo).",
    f"postgresql+psycopg://db/comments?SSLMODE={SECRET}": "this is not known: SSLMODE).",
    f"postgresql+psycopg://db/comments?sslmode=require&sslmode={SECRET}": "this can be there but once: sslmode).",
}
REDIS = [
    f"redis://:{SECRET}@cache:port/0", f"redis://:{SECRET}@cache:70000", f"redis://:{SECRET}@/0", f"redis://cache/{SECRET}",
    f"redis://:p@{SECRET}/w@cache/0", f"redis://:{SECRET}#x@cache/0", f"redis://:{SECRET}?x@cache/0", f"redis://:{SECRET}@a..b/0",
    f"redis://cache/0?odd={SECRET}", f"redis://cache/0?retry={SECRET}", f"redis+unix:///run/redis.sock?connection_class={SECRET}",
    f"redis://[{SECRET}", f"http://{SECRET}", f"memcached://{SECRET}", SECRET,
]  # fmt: skip


def on_free_port(command: list[str]) -> list[str]:
    return [*command, "--port", str(free_port())] if command in SERVING else command


@pytest.mark.parametrize("url", DATABASES)
def test_a_database_that_cannot_be_is_told_with_what_to_write(tmp_path: Path, url: str) -> None:
    data_dir = tmp_path / "data"

    result = typed("site", "list", data_dir=data_dir, DATABASE_URL=url)

    said = refusal(result)
    assert said.startswith(
        "Invalid COMMENTSVC_DATABASE_URL: expected sqlite:///PATH or postgresql+psycopg://"
    )
    assert DATABASES[url] in said
    assert SECRET not in result.output
    assert not data_dir.exists()


@pytest.mark.parametrize("url", PARAMETERS)
def test_parameters_that_a_driver_would_fail_on_are_named(tmp_path: Path, url: str) -> None:
    result = typed("site", "list", data_dir=tmp_path / "data", DATABASE_URL=url)

    said = refusal(result)
    assert said.startswith("Invalid COMMENTSVC_DATABASE_URL: expected sqlite:///PATH or")
    assert said.endswith(PARAMETERS[url])
    assert SECRET not in result.output
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("url", REDIS)
def test_so_is_a_redis(tmp_path: Path, url: str) -> None:
    result = typed("site", "list", data_dir=tmp_path, REDIS_URL=url)

    assert refusal(result).startswith("Invalid COMMENTSVC_REDIS_URL: expected the address of a Redis")
    assert SECRET not in result.output


@pytest.mark.parametrize("command", SERVING + WORKING + EXAMINING, ids=" ".join)
def test_every_command_tells_of_it(tmp_path: Path, command: list[str]) -> None:
    said = refusal(typed(*on_free_port(command), data_dir=tmp_path, DATABASE_URL="mysql://db/comments"))

    assert said.startswith("Invalid COMMENTSVC_DATABASE_URL")


@pytest.mark.parametrize("command", SERVING + WORKING, ids=" ".join)
@pytest.mark.parametrize(
    ("setting", "value", "package", "extra"),
    [
        ("DATABASE_URL", f"postgresql+psycopg://ada:{SECRET}@db/comments", "psycopg", "postgresql"),
        ("REDIS_URL", f"redis://:{SECRET}@cache/0", "redis", "redis"),
    ],
    ids=["psycopg", "redis"],
)
def test_a_package_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    command: list[str],
    setting: str,
    value: str,
    package: str,
    extra: str,
) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not there

    result = typed(*on_free_port(command), data_dir=tmp_path / "data", **{setting: value})

    assert refusal(result) == (
        f"COMMENTSVC_{setting} needs the package {package}, which is not installed. "
        f"Run: pip install 'commentsvc[{extra}]'"
    )
    assert not (tmp_path / "data").exists()


@pytest.mark.soak
def test_another_server_is_told_in_one_line_too(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    environ = os.environ | {
        PREFIX + "DATA_DIR": str(tmp_path),
        PREFIX + "DATABASE_URL": "mysql://db/comments",
    }

    loaded = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        cwd=root,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert loaded.returncode == 1
    assert loaded.stderr.startswith("Error: Invalid COMMENTSVC_DATABASE_URL")
    assert len(loaded.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"postgresql+psycopg://ada:{SECRET}@127.0.0.1:1/comments", "port 1 failed"),
        (f"postgresql+psycopg://ada:{SECRET}@127.0.0.1:1/comments?sslmode=odd", "sslmode"),
        (f"postgresql+psycopg://ada:{SECRET}@127.0.0.1:1/comments?odd={SECRET}", "odd"),
        ("sqlite:////nowhere/comments.db", "/nowhere/comments.db cannot be used: No such file or directory."),
        ("sqlite:////", "cannot be used"),
    ],
)
@pytest.mark.parametrize("command", [["serve"], ["init"]], ids=" ".join)
def test_a_database_that_does_not_answer_is_told_in_one_line(
    tmp_path: Path, command: list[str], url: str, said: str
) -> None:
    result = typed(*on_free_port(command), data_dir=tmp_path, DATABASE_URL=url)

    assert said in refusal(result)
    assert SECRET not in result.output


@pytest.mark.parametrize(
    ("name", "value", "may_be"),
    [
        ("DATA_DIR", "~nobody-of-that-name/data", "the path of a folder"),
        ("SECRET_KEY", "\udcff" * 40, "at least 32 characters in UTF-8"),
        ("BASE_URL", "https://\udcff.example", "an http or https address"),
        ("BASE_URL", "https://comments.example/\u202e", "an http or https address"),
        ("PRIVACY_URL", 'https://news.example/"', "an http or https address"),
        ("PRIVACY_URL", "https://news.example/\udcff", "an http or https address"),
        ("RATE_LIMIT_READ", "5 per 99999999999999999999 years", "limits such as"),
        ("RATE_LIMIT_READ", "99999999999999999999 per minute", "limits such as"),
        ("RATE_LIMIT_THREADS", "some", "limits such as"),
        ("RATE_LIMIT_REPORT", "few", "limits such as"),
        ("PENDING_LIMIT", "0", "a whole number from 1 to 100000"),
        ("ALLOW_HTTP", "yes", "true or false"),
        ("ORIGINS", "*", "a wildcard would let pages of strangers post"),
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(tmp_path: Path, name: str, value: str, may_be: str) -> None:
    chosen = {"DATA_DIR": str(tmp_path)} | {name: value}
    data_dir = Path(chosen.pop("DATA_DIR"))

    said = refusal(typed("site", "list", data_dir=data_dir, **chosen))

    assert said.startswith(f"Invalid COMMENTSVC_{name}")
    assert may_be in said


PUBLIC = [
    "http://comments.example",
    "http://192.0.2.7",
    "http://203.0.113.7:5000",
    "http://[2001:db8::7]",
    "http://8.8.8.8",
    "http://0.0.0.0",
]
OF_A_NETWORK = [
    "http://127.0.0.1:5000", "http://localhost", "http://[::1]:5000", "http://127.9.9.9", "http://talk.localhost", "http://intranet",
    "http://192.168.1.7:5000", "http://10.0.0.7", "http://172.16.0.7", "http://100.64.0.7", "http://169.254.0.7", "http://[fd00::7]",
    "http://talk.local", "http://talk.home.arpa", "http://talk.internal",
]  # fmt: skip


@pytest.mark.parametrize("url", PUBLIC)
def test_a_public_address_without_encryption_must_be_meant(tmp_path: Path, url: str) -> None:
    said = refusal(typed("site", "list", data_dir=tmp_path / "data", BASE_URL=url))

    assert said.startswith(f"Invalid COMMENTSVC_BASE_URL=“{url}”: expected an https:// address")
    assert "COMMENTSVC_ALLOW_HTTP=true" in said
    assert not (tmp_path / "data").exists()
    create_service(tmp_path, BASE_URL=url, ALLOW_HTTP="true")
    assert typed("config", data_dir=tmp_path, BASE_URL=url, ALLOW_HTTP="false").exit_code == 1


@pytest.mark.parametrize("url", OF_A_NETWORK)
def test_one_of_a_private_network_need_not(tmp_path: Path, url: str) -> None:
    assert typed("config", data_dir=tmp_path, BASE_URL=url).exit_code == 0
