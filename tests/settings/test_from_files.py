"""Settings as files leave them in the environment: with line ends, blanks and marks around, or within."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.errors import BadSetting
from commentsvc.settings import PREFIX, Settings
from tests.command_line import create_service, refusal, typed
from tests.conftest import MakeService

SECRET = "an-unspeakable-secret-of-43-characters-000000"
# One valid value for each setting: a new one is tried here as well.
VALID = {
    "DATA_DIR": "/var/lib/comment svc",
    "DATABASE_URL": "sqlite:////var/lib/comment svc/comments.db",
    "DATABASE_TIMEOUT": "30",
    "STALE_SECONDS": "60",
    "DATABASE_REPLICA_URL": "postgresql+psycopg://reader@replica.example/comments",
    "SHARED_MAX_AGE": "10",
    "REDIS_URL": f"redis://:{SECRET}@cache.example:6379/0",
    "SECRET_KEY": f"{SECRET},{SECRET[::-1]}",
    "ADDRESS_KEYS": f"k2:{'B' * 43},k1:{'A' * 43}",
    "BASE_URL": "https://comments.example/talk",
    "ALLOW_HTTP": "false",
    "TRUSTED_PROXIES": "10",
    "MODERATION": "first",
    "EDIT_WINDOW": "900",
    "FORM_MIN_SECONDS": "20",
    "RATE_LIMIT_POST": "5 per minute; 40 per hour",
    "RATE_LIMIT_READ": "600 per minute",
    "RATE_LIMIT_RENDER": "60 per minute",
    "RATE_LIMIT_SIGN_IN": "10 per minute",
    "RATE_LIMIT_THREADS": "600 per hour",
    "RATE_LIMIT_REPORT": "5 per hour",
    "PENDING_LIMIT": "1000",
    "SESSION_IDLE": "3600",
    "SESSION_LIFETIME": "7200",
    "RETAIN_LOG": "365",
    "RETAIN_EMAILS": "400",
    "RETAIN_SPAM": "30",
    "RETAIN_TRASH": "60",
    "RETAIN_NETWORKS": "30",
    "MAX_TEXT": "1000",
    "MAX_DEPTH": "10",
    "ORIGINS": "https://news.example,https://blog.example",
    "PRIVACY_URL": "https://news.example/privacy?lang=en",
    "SMTP_URL": f"smtp://blog:{SECRET}@mail.example:587",
    "MAIL_FROM": "comments@blog.example",
    "MAIL_BOUNCES": "bounces@blog.example",
    "MAIL_HELO": "comments.blog.example",
    "MAIL_PER_HOUR": "200",
    "MAIL_PER_ADDRESS": "10",
    "MAIL_RETRY": "30",
    "MAIL_GATHER": "1800",
    "OUTBOX_GIVE_UP": "86400",
    "SECURITY_TXT": "Contact: mailto:security@news.example\\nExpires: 2027-12-31T00:00:00Z",
    "CACHE_BYTES": "1000",
    "EVENTS_LIMIT": "100",
    "EVENTS_PER_CLIENT": "30",
    "JOBS": "worker",
    "OUTBOUND_ALLOW": "127.0.0.0/8,fd00::/8",
    "NOTIFY_URLS": f"ntfys://ntfy.example/{SECRET} matrixs://user:word@matrix.example/#room",
    "WEBSUB_HUB": "https://hub.example/push",
    "METRICS_PORT": "9464",
    "METRICS_HOST": "10.0.0.7",
    "METRICS_TOKEN": SECRET,
    "LOG_LEVEL": "warning",
    "LOG_FILE": "/var/log/comment svc/comments.log",
    "LOG_ACCESS": "false",
}
NEEDED = {"SMTP_URL": {PREFIX + "MAIL_FROM": VALID["MAIL_FROM"]}}  # what each cannot be without
AROUND = st.text("\r\n\t \ufeff\u00a0\u2028", max_size=4)
CONTROLS = ["\r", "\n", "\t", "\0", "\x07", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\udcff"]


def read(name: str, value: str) -> Settings:
    return Settings.from_environ({PREFIX + name: value} | NEEDED.get(name, {}))


@pytest.mark.unit
def test_each_setting_is_tried() -> None:
    assert list(VALID) == [field.name.upper() for field in fields(Settings)]


@pytest.mark.unit
@given(st.sampled_from(list(VALID)), AROUND, AROUND)
def test_what_a_file_leaves_around_a_value_is_no_part_of_it(name: str, before: str, after: str) -> None:
    assert read(name, before + VALID[name] + after) == read(name, VALID[name])


@pytest.mark.unit
@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
@pytest.mark.parametrize("name", VALID)
def test_what_no_line_shows_is_refused_within_a_value_and_not_printed(name: str, control: str) -> None:
    middle = max(1, len(VALID[name]) // 3)
    value = VALID[name][:middle] + control + VALID[name][middle:]
    if name == "SECURITY_TXT" and control in "\r\n\t":
        assert read(name, value)
        return

    with pytest.raises(BadSetting) as refused:
        read(name, value)

    assert refused.value.detail.startswith(f"Invalid {PREFIX}{name}")
    assert control not in refused.value.detail


@pytest.mark.unit
@pytest.mark.parametrize("name", ["ORIGINS", "SECRET_KEY", "ADDRESS_KEYS"])
def test_a_list_may_be_broken_between_its_parts(name: str) -> None:
    assert read(name, VALID[name].replace(",", " ,\r\n\t")) == read(name, VALID[name])


@pytest.mark.unit
@pytest.mark.parametrize("value", ["", " ", "\r\n", "\ufeff"])
@pytest.mark.parametrize("name", VALID)
def test_blanks_alone_are_no_value(name: str, value: str) -> None:
    assert read(name, value) == Settings.from_environ(NEEDED.get(name, {}))


REFUSED = {
    "https://editor:secret@comments.example": "without a user's name and password",
    "https://editor@comments.example": "without a user's name and password",
    "https://@comments.example": "without a user's name and password",
    "https://comments.example/a/../b": "without “.”, “..” and “//” in its path",
    "https://comments.example/..": "without “.”, “..” and “//” in its path",
    "https://comments.example/./a": "without “.”, “..” and “//” in its path",
    "https://comments.example/%2e%2E/a": "without “.”, “..” and “//” in its path",
    "https://comments.example/a//b": "without “.”, “..” and “//” in its path",
    "https://comments.example\\talk": "without backslashes",
    "https:\\\\comments.example": "without backslashes",
    "https://comments.example/a b": "without blanks",
    "https:// comments.example": "without blanks",
    "https://comments.example/a\u3000b": "without blanks",
    '"https://comments.example"': "without quotes",
    "'https://comments.example'": "without quotes",
    "<https://comments.example>": "without quotes, brackets",
}


@pytest.mark.unit
@pytest.mark.parametrize("value", REFUSED)
@pytest.mark.parametrize("name", ["BASE_URL", "PRIVACY_URL"])
def test_what_is_no_published_address_is_told_with_its_fault(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=rf"^Invalid {PREFIX}{name}") as refused:
        read(name, value)

    assert REFUSED[value] in refused.value.detail
    assert "secret" not in refused.value.detail


@pytest.mark.parametrize("value", REFUSED)
def test_nor_can_a_site_publish_it(tmp_path: Path, value: str) -> None:
    create_service(tmp_path)

    said = refusal(typed("site", "set", "default", "--privacy-url", value, data_dir=tmp_path))

    assert REFUSED[value] in said


def test_line_ends_of_windows_reach_no_permalink_and_no_snippet(make_service: MakeService) -> None:
    service = make_service(BASE_URL="https://comments.example\r", ORIGINS="https://news.example\r")
    reader = service.reader()

    posted = reader.send(reader.submission("a"), Origin="https://news.example").json()

    assert posted["comment"]["permalink"].startswith("https://comments.example/thread?")
    snippet = typed("embed-snippet", "a", data_dir=service.data_dir, BASE_URL="https://comments.example\r\n")
    assert 'src="https://comments.example/embed.js"' in snippet.stdout
    assert "\r" not in snippet.stdout


def test_a_line_end_makes_no_second_folder(tmp_path: Path) -> None:
    for data_dir in (f"{tmp_path}/data", f"{tmp_path}/data\r", f"\t{tmp_path}/data \r\n"):
        assert typed("init", data_dir=Path(data_dir)).exit_code == 0

    assert [folder.name for folder in tmp_path.iterdir()] == ["data"]


@pytest.mark.unit
@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_folder_in_quotes_is_told(tmp_path: Path, quote: str) -> None:
    with pytest.raises(BadSetting, match="without quotes around it"):
        read("DATA_DIR", f"{quote}{tmp_path}{quote}")


def test_a_mark_at_the_beginning_of_a_file_hides_no_setting(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "commentsvc", "config"],
        env=os.environ | {"\ufeffCOMMENTSVC_MAX_DEPTH": "3"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert told.returncode == 1
    assert told.stderr.startswith("Error: COMMENTSVC_MAX_DEPTH has something invisible around its name")
    assert len(told.stderr.splitlines()) == 1


def test_keys_in_files_are_read_without_the_mark_and_the_line_ends(tmp_path: Path) -> None:
    create_service(tmp_path)
    for name in ("secret.key", "address.keys"):
        file = tmp_path / name
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().strip() + b"\r\n")

    assert typed("user", "list", data_dir=tmp_path).exit_code == 0
    assert "missing or another" not in typed("keys", "list", data_dir=tmp_path).stdout


@pytest.mark.parametrize("path", ["~nobody-of-that-name/data", "~/data"])
def test_a_home_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))

    said = refusal(typed("site", "list", data_dir=Path(path)))

    assert said.startswith(f"Invalid COMMENTSVC_DATA_DIR=“{path}”: expected the path of a folder; ")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_an_earlier_version_named_with_the_line_end_is_told(tmp_path: Path) -> None:
    (tmp_path / "data\r").mkdir()

    said = refusal(typed("site", "list", data_dir=tmp_path / "data\r"))

    assert f"{tmp_path}/data is not there, but {tmp_path}/data\\r is" in said
    assert [folder.name for folder in tmp_path.iterdir()] == ["data\r"]
    (tmp_path / "data\r").rename(tmp_path / "data")
    create_service(tmp_path / "data\r")
