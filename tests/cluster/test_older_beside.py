"""A node of the version before, taken from the history, beside one of this version, while the schema goes ahead of it."""

from __future__ import annotations

import json
import subprocess
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from commentsvc.storage.tables import SCHEMA
from tests.command_line import typed
from tests.people import Moderator
from tests.postgresql import Cluster
from tests.running_service import Live, serving, wait_until

pytestmark = [pytest.mark.soak, pytest.mark.postgresql]

OLDER = "0012"  # the schema of the version before: its program is the newest of the history that has it
ROOT = Path(__file__).parents[2]
KEYS = {"SECRET_KEY": "x" * 43, "ADDRESS_KEYS": "k1:" + "B" * 43}
ARTICLES = ("one", "two")
POSTERS = 4
ENOUGH = 20  # answers to posts, in each state that the nodes are in


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout


def older_program(folder: Path) -> Path:
    """Unpack the program of that schema; whether it is there does not hang on tags, nor on names of commits."""
    for commit in git("rev-list", "HEAD").split():
        named = git("grep", "-h", "^SCHEMA = ", commit, "--", "commentsvc/storage/tables*")
        if named.strip() == f'SCHEMA = "{OLDER}"':
            archive = subprocess.run(
                ["git", "archive", commit, "commentsvc", "templates"],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                check=True,
            )
            folder.mkdir()
            subprocess.run(["tar", "--extract", "--directory", folder], input=archive.stdout, check=True)
            return folder
    pytest.fail(f"No commit has the schema {OLDER}. In a shallow clone, run: git fetch --unshallow")


@dataclass
class Public:
    """People who read and post at whichever nodes there are, until told to stop."""

    nodes: list[Live]
    ended: threading.Event = field(default_factory=threading.Event)
    answers: Counter[int] = field(default_factory=Counter)
    posts: Counter[str] = field(default_factory=Counter)
    texts: set[str] = field(default_factory=set)

    def use(self, number: int) -> None:
        count = 0
        while not self.ended.is_set():
            count += 1
            node = self.nodes[count % len(self.nodes)]
            reader, article = node.reader(), ARTICLES[count % len(ARTICLES)]
            text = f"Of {number}, the {count}th."
            answer = reader.post(article, text)
            self.answers[answer.status_code] += 1
            self.posts[node.base_url] += 1
            self.texts.add(f"<p>{text}</p>")
            self.answers[reader.get("/api/v1/thread", article=article).status_code] += 1
            self.answers[reader.get("/thread/fragment", article=article).status_code] += 1

    def go_on(self) -> None:
        """Wait until each node has taken some more."""
        before = dict(self.posts)
        wait_until(
            lambda: all(
                self.posts[node.base_url] >= before.get(node.base_url, 0) + ENOUGH for node in self.nodes
            )
        )


def whole(node: Live, article: str) -> list[tuple[Any, ...]]:
    """What the node shows of all comments of a thread."""
    shown, cursor = [], {}
    while True:
        page = node.reader().thread(article, limit=200, **cursor)
        shown += [
            (one["id"], one["html"], one["author"]["name"], one["posted_at"]) for one in page["comments"]
        ]
        if page["next"] is None:
            assert page["count"] == len(shown)
            return shown
        cursor = {"cursor": page["next"]}


def test_a_node_of_the_version_before_serves_beside_one_of_this(
    tmp_path: Path, postgresql: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = older_program(tmp_path / "program")
    with postgresql.database("template1") as where, ExitStack() as stack:
        settings = KEYS | where
        with monkeypatch.context() as patched:
            patched.setenv("PYTHONPATH", str(program))
            patched.setenv("PYTHONSAFEPATH", "1")  # the working directory has this version
            older = stack.enter_context(serving(tmp_path / "older", **settings))
        assert version(postgresql, where) == OLDER
        public = Public([older])
        with ThreadPoolExecutor(POSTERS) as pool:
            at_work = [pool.submit(public.use, number) for number in range(POSTERS)]
            try:
                public.go_on()
                upgraded = typed("db", "upgrade", data_dir=tmp_path / "newer", **settings)
                assert upgraded.exit_code == 0, upgraded.output
                assert version(postgresql, where) == SCHEMA
                public.go_on()
                newer = stack.enter_context(serving(tmp_path / "newer", **settings))
                public.nodes.append(newer)
                public.go_on()
            finally:
                public.ended.set()
            for one in at_work:
                one.result()

        assert set(public.answers) == {200, 201}
        shown = {node.base_url: [whole(node, article) for article in ARTICLES] for node in (older, newer)}
        assert shown[older.base_url] == shown[newer.base_url]
        stored = [text for thread in shown[newer.base_url] for _, text, _, _ in thread]
        assert sorted(stored) == sorted(public.texts)
        token = newer.run("token", "create", "--scope", "moderate").split()[-1]
        decide_at(newer, older, token)
        decide_at(older, newer, token)
        newer.run("audit", "verify")
        assert [node.reader().get("/readyz").text for node in (older, newer)] == ["ok", "ok"]
        for node in (older, newer):
            assert not [line for line in log_of(node) if line["level"] == "error"]


def decide_at(one: Live, other: Live, token: str) -> None:
    """What is posted at one node and taken back at it is so at the other."""
    comment = one.reader().comment("decided", f"At {one.base_url}.")
    assert other.reader().get(f"/api/v1/comments/{comment}").status_code == 200
    Moderator(one.http(), token).decide("trash", comment)
    assert other.reader().get(f"/api/v1/comments/{comment}").status_code == 404


def version(postgresql: Cluster, where: dict[str, str]) -> str:
    name = str(make_url(where["DATABASE_URL"]).database)
    with postgresql.connected(name) as admin:
        (found,) = admin.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
    return str(found)


def log_of(node: Live) -> list[dict[str, Any]]:
    return [json.loads(line) for line in node.log.read_text().splitlines() if line.startswith("{")]
