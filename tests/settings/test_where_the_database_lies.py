"""The file of SQLite's database: in DATA_DIR unless its path is absolute, never in the installation."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from commentsvc.errors import BadSetting
from commentsvc.settings import PREFIX, Settings
from commentsvc.storage.database import connect
from tests.command_line import create_service, refusal, typed
from tests.running_service import free_port, make_in_process, open_in_process

NAMES = [
    "comments.db",
    "other.sqlite3",
    "sub/comments.db",
    "./comments.db",
    "sub/../other.db",
    "a b.db",
    "ü.db",
]
NO_FILE = [
    "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite+pysqlite://", "sqlite+pysqlite:///:memory:",
    "sqlite:///file:x?mode=memory&uri=true", "sqlite:///file:comments.db?uri=true", "sqlite:///file:comments.db",
    "sqlite:///file::memory:?cache=shared&uri=true", "sqlite:///comments.db?uri=true", "sqlite:///comments.db?mode=memory",
    "sqlite:///comments.db?cache=shared", "sqlite:///comments.db?timeout=30", "sqlite:///comments.db?check_same_thread=false",
    "sqlite:///comments.db?isolation_level=IMMEDIATE", "sqlite:///comments.db?odd", "sqlite:///comments.db?odd=1",
    "sqlite:////tmp/comments.db?vfs=memdb&uri=true", "sqlite:///:memory:?cache=shared",
    "sqlite://comments.db", "sqlite://host/comments.db", "sqlite://ada:pw@host/comments.db", "sqlite://:5000/comments.db",
    "sqlite:///~/comments.db", "sqlite:///~nobody/comments.db",
]  # fmt: skip


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", NAMES)
def test_a_relative_path_begins_in_the_data_directory(tmp_path: Path, name: str) -> None:
    data_dir, url = tmp_path / "data", f"sqlite:///{name}"
    (data_dir / "sub").mkdir(parents=True)
    file = Path(os.path.normpath(data_dir / name))

    create_service(data_dir, DATABASE_URL=url)
    added = typed(
        "site", "add", "weekend", "--origin", "https://a.example", data_dir=data_dir, DATABASE_URL=url
    )

    assert added.exit_code == 0, added.output
    assert [found for found in tmp_path.rglob("*.[ds][bq]*") if found.name != "limits.db"] == [file]
    assert (
        f"COMMENTSVC_DATABASE_URL=sqlite:///{file}"
        in typed("config", data_dir=data_dir, DATABASE_URL=url).stdout
    )
    assert f"ok     database: {file}\n" in typed("doctor", data_dir=data_dir, DATABASE_URL=url).stdout


@pytest.mark.soak
def test_it_does_so_wherever_the_program_runs(tmp_path: Path) -> None:
    environ = os.environ | {
        PREFIX + "DATABASE_URL": "sqlite:///comments.db",
        PREFIX + "DATA_DIR": str(tmp_path / "data"),
    }
    command = [sys.executable, "-m", "commentsvc"]
    (tmp_path / "elsewhere").mkdir()
    subprocess.run([*command, "init"], cwd=tmp_path, env=environ, check=True, capture_output=True, timeout=60)
    subprocess.run(
        [*command, "site", "add", "weekend", "--origin", "https://a.example"],
        cwd=tmp_path, env=environ, check=True, capture_output=True, timeout=60,
    )  # fmt: skip

    listed = subprocess.run(
        [*command, "site", "list"], cwd=tmp_path / "elsewhere", env=environ, check=True, capture_output=True, text=True, timeout=60
    )  # fmt: skip

    assert "weekend\n" in listed.stdout
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_two_services_with_the_same_relative_path_share_nothing(tmp_path: Path, template: Path) -> None:
    one, other = (
        make_in_process(tmp_path / name, template, DATABASE_URL="sqlite:///comments.db")
        for name in ("one", "other")
    )

    one.reader().post("a", "Of the first.")

    assert one.reader().texts("a") == ["Of the first."]
    assert other.reader().texts("a") == []
    one.close()
    other.close()


def test_a_copy_of_the_data_directory_has_it(tmp_path: Path, template: Path) -> None:
    service = make_in_process(tmp_path / "data", template, DATABASE_URL="sqlite:///comments.db")
    service.reader().post("a", "Of the day before.")
    service.close()

    shutil.copytree(tmp_path / "data", tmp_path / "copy")

    restored = open_in_process(tmp_path / "copy", DATABASE_URL="sqlite:///comments.db")
    assert restored.reader().texts("a") == ["Of the day before."]
    restored.close()


@pytest.mark.parametrize("url", NO_FILE)
@pytest.mark.parametrize("command", [["site", "list"], ["config"]], ids=" ".join)
def test_what_names_no_file_that_stays_is_refused(tmp_path: Path, command: list[str], url: str) -> None:
    said = refusal(typed(*command, data_dir=tmp_path / "data", DATABASE_URL=url))

    assert said.startswith("Invalid COMMENTSVC_DATABASE_URL: expected sqlite:///PATH")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.soak
def test_one_that_an_earlier_version_left_in_the_installation_is_found_and_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "environment"))
    where = {"data_dir": tmp_path / "data", "DATABASE_URL": "sqlite:///sub dir/comments.db"}
    (tmp_path / "data/sub dir").mkdir(parents=True)
    create_service(tmp_path / "data", DATABASE_URL="sqlite:///sub dir/comments.db")
    assert typed("site", "add", "weekend", "--origin", "https://a.example", **where).exit_code == 0
    # Flask's folder for what an installed application writes: there a relative path began.
    left = tmp_path / "environment/var/commentsvc.app-instance/sub dir"
    left.parent.mkdir(parents=True)
    (tmp_path / "data/sub dir").rename(left)
    (left / "comments.db-wal").touch()

    for command in (["site", "list"], ["serve", "--port", str(free_port())], ["db", "upgrade"], ["doctor"]):
        said = refusal(typed(*command, **where))
        assert f"{tmp_path}/data/sub dir/comments.db is not there" in said
        assert f"an earlier version left it in {left}/comments.db" in said
        assert not (tmp_path / "data/sub dir").exists()

    subprocess.run(["bash", "-c", said.partition("then run: ")[2]], check=True)
    assert "weekend\n" in typed("site", "list", **where).stdout
    assert list(left.glob("comments.db*")) == []


def test_it_is_found_in_a_checkout_too(tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance/comments.db").touch()
    settings = Settings(data_dir=tmp_path / "data", database_url="sqlite:///comments.db")

    with pytest.raises(BadSetting, match="an earlier version left it in"):
        connect(Flask("commentsvc.app", instance_path=str(tmp_path / "instance")), settings)


@pytest.mark.parametrize("url", [None, "sqlite:////{}/data/comments.db"])
def test_one_that_lies_there_under_the_same_name_is_not_that_of_others(
    tmp_path: Path, url: str | None
) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance/comments.db").touch()
    settings = Settings(data_dir=tmp_path / "data", database_url=url and url.format(tmp_path))

    assert connect(Flask("commentsvc.app", instance_path=str(tmp_path / "instance")), settings)
