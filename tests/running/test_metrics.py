"""`/metrics`: what it counts, over several processes and their ends, who may read it, and what it never tells."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, event

from commentsvc.metrics import BOUNDS, FILE_BYTES, Metrics
from tests.command_line import refusal, typed
from tests.conftest import MakeService
from tests.running_service import InProcess, free_port, serving

TOKEN = "a-token-for-metrics"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
OPERATE = Path(__file__).parents[2] / "docs" / "operate"
Values = dict[str, float]


def parsed(text: str) -> Values:
    """The value of each sample, by its name and labels as they are written."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def scraped(service: InProcess) -> Values:
    answer = service.http().get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    return parsed(answer.text)


def requests(route: str, status: int) -> str:
    return f'commentsvc_requests_total{{route="{route}",status="{status}"}}'


@pytest.fixture
def service(make_service: MakeService) -> InProcess:
    return make_service(METRICS_TOKEN=TOKEN)


def test_without_its_token_nobody_reads_it(make_service: MakeService, service: InProcess) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": TOKEN},
    ):
        assert service.http().get("/metrics", headers=headers).status_code == 403
    assert make_service().http().get("/metrics", headers=BEARER).status_code == 404


@pytest.mark.any_database
def test_what_happens_is_counted(make_service: MakeService) -> None:
    service = make_service(METRICS_TOKEN=TOKEN, MODERATION="first", RATE_LIMIT_POST="2 per minute")
    reader = service.reader()
    read = "/api/v1/thread?article=a"

    tag = [reader.get(read) for _ in range(3)][-1].headers["ETag"]
    assert reader.http.get(read, headers={"If-None-Match": tag}).status_code == 304
    assert reader.get("/nothing").status_code == 404
    reader.comment("a", "One.")
    service.clock.move(seconds=7)
    reader.comment("a", "Two.")
    service.clock.move(seconds=8)
    assert reader.post("a", "Three.").status_code == 429
    service.run("job", "start", "sweep")
    seen = scraped(service)

    assert seen[requests("/api/v1/thread", 200)] == 3
    assert seen[requests("/api/v1/thread", 304)] == 1
    assert seen[requests("none", 404)] == 1
    assert seen[requests("/api/v1/comments", 202)] == 2
    assert seen[requests("/api/v1/comments", 429)] == 1
    assert seen["commentsvc_cache_hits_total"] == 3
    assert seen["commentsvc_cache_bytes"] > 1000
    assert seen['commentsvc_request_seconds_count{route="/api/v1/thread"}'] == 4
    assert seen['commentsvc_posts_total{state="pending"}'] == 2
    assert seen['commentsvc_findings_total{check="first-comment",outcome="hold"}'] == 2
    assert seen['commentsvc_limited_total{limit="post"}'] == 1
    assert (seen["commentsvc_queue_comments"], seen["commentsvc_queue_oldest_seconds"]) == (2, 15)
    assert seen['commentsvc_jobs{kind="sweep",state="queued"}'] == 1
    assert seen["commentsvc_database_up"] == 1
    assert seen["commentsvc_disk_free_bytes"] > 0


def test_nothing_of_a_person_and_no_address_is_told(service: InProcess) -> None:
    reader = service.reader(name="Zoe Unheard", email="zoe@unheard.example")
    reader.comment("secret/article", "words of mine")
    for path in (
        "/api/v1/thread?article=secret/article",
        "/secret-path",
        "/api/v1/comments/AAAAAAAAAAAAAAAA",
    ):
        reader.get(path)

    told = service.http().get("/metrics", headers=BEARER).text

    for one in ("Zoe", "unheard", "words", "secret", "AAAA", "192.0.2"):
        assert one not in told
    assert 'route="/api/v1/comments/<comment>"' in told


def test_where_the_database_is_out_it_says_so(service: InProcess) -> None:
    service.reader().get("/api/v1/thread?article=a")
    service.ours.database.disconnect()
    for file in service.data_dir.glob("comments.db*"):
        file.unlink()
    (service.data_dir / "comments.db").mkdir()

    seen = scraped(service)

    assert seen["commentsvc_database_up"] == 0
    assert seen[requests("/api/v1/thread", 200)] == 1
    assert "commentsvc_queue_comments" not in seen


def test_no_scrape_looks_at_more_than_the_first_comment_of_the_queue(service: InProcess) -> None:
    engine: Engine = service.ours.database.engine
    asked: list[tuple[str, object]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def remember(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((" ".join(statement.split()), parameters))

    scraped(service)
    of_comments = [(statement, parameters) for statement, parameters in asked if "FROM comment " in statement]
    assert len(of_comments) == 1
    with engine.connect() as connection:
        for statement, parameters in of_comments:
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())
            assert "ix_comment_state" in plan
            assert "SCAN comment" not in plan
            assert "LIMIT" in statement


@pytest.mark.unit
def test_threads_lose_no_count(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path / "metrics")
    tally = metrics.tally("kept", "/a")

    def count() -> None:
        for _ in range(20_000):
            metrics.add("requests", "/a", "200")
            tally[0] += 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    sums = metrics.sums().records
    assert sums["requests", "/a", "200"][0] == sums["kept", "/a"][0] == 80_000


@pytest.mark.unit
def test_a_file_is_taken_over_and_its_counts_go_on_but_what_its_process_had_does_not(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    first, second = Metrics(folder), Metrics(folder)
    for metrics in (first, second):
        metrics.add("posts", "pending")
        metrics.set(1000, "cache_bytes")
        metrics.answered("/a", "200", BOUNDS[-1] + 1)
    assert sorted(file.name for file in folder.iterdir()) == ["1", "2"]

    del first, metrics
    ended = second.sums().records
    third = Metrics(folder)
    third.add("posts", "pending")

    assert (ended["posts", "pending"][0], ended["cache_bytes",][0]) == (2, 1000)
    assert third.sums().records["posts", "pending"][0] == 3
    assert third.sums().records["cache_bytes",][0] == 1000
    assert len(list(folder.iterdir())) == 2


@pytest.mark.unit
@pytest.mark.parametrize(
    "content", [b"", b"\xff" * FILE_BYTES, b"posts\tpending" + bytes(300)], ids=["empty", "junk", "cut"]
)
def test_a_damaged_file_harms_nothing(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    (folder / "1").write_bytes(content)
    metrics = Metrics(folder)

    metrics.add("posts", "approved")

    assert metrics.sums().records["posts", "approved"][0] == 1


@pytest.mark.unit
def test_where_there_is_no_file_to_be_had_the_process_counts_for_itself(tmp_path: Path) -> None:
    (tmp_path / "metrics").write_text("in the way")
    metrics = Metrics(tmp_path / "metrics")

    metrics.add("posts", "approved")

    assert metrics.sums().records == {("posts", "approved"): [1.0] + [0.0] * 15}


@pytest.mark.unit
def test_more_names_than_there_is_room_for_are_left_out(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path / "metrics")

    for number in range(2000):
        metrics.add("requests", f"/{number}", "200")
    metrics.add("requests", "/" + "x" * 200, "200")

    assert 900 < len(metrics.sums().records) < 1024


def of_port(port: int) -> Values:
    return parsed(httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text)


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.soak
def test_a_slow_scraper_keeps_no_other_from_its_figures(tmp_path: Path) -> None:
    port = free_port()
    with (
        serving(tmp_path / "data", METRICS_PORT=str(port)),
        socket.create_connection(("127.0.0.1", port)) as slow,
    ):
        slow.sendall(b"GET /metr")

        assert of_port(port)["commentsvc_database_up"] == 1
        slow.settimeout(20)
        assert slow.recv(1) == b"", "it is ended"


def test_the_port_of_the_figures_is_another_than_that_of_readers(tmp_path: Path) -> None:
    port = free_port()

    said = refusal(typed("serve", "--port", str(port), data_dir=tmp_path / "data", METRICS_PORT=str(port)))

    assert said == f"Readers are served on port {port}. Choose another COMMENTSVC_METRICS_PORT."


@pytest.mark.soak
def test_several_workers_are_told_of_as_one_and_one_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path / "data", "--workers", "3", METRICS_PORT=str(port), LOG_ACCESS="false") as live:
        before = of_port(port).get(requests("/api/v1/thread", 200), 0)
        sent = 0
        for _ in range(10):
            for _ in range(4):
                httpx.get(f"{live.base_url}/api/v1/thread?article=a")  # a connection each: any worker's turn
                sent += 1
            assert of_port(port)[requests("/api/v1/thread", 200)] - before == sent

        children = Path(f"/proc/{live.process.pid}/task/{live.process.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        eventually(lambda: "Unexpected exit" in live.log.read_text())
        eventually(lambda: httpx.get(f"http://127.0.0.1:{port}/metrics").status_code == 200)

        assert of_port(port)[requests("/api/v1/thread", 200)] - before == sent
        httpx.get(f"{live.base_url}/api/v1/thread?article=a")
        assert of_port(port)[requests("/api/v1/thread", 200)] - before == sent + 1
        assert httpx.get(f"http://127.0.0.1:{port}/other").status_code == 404


def names(text: str) -> set[str]:
    return set(re.findall(r"\bcommentsvc_\w+", text))


def test_the_dashboard_and_the_rules_name_only_what_there_is(service: InProcess) -> None:
    told = service.http().get("/metrics", headers=BEARER).text
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", told, re.MULTILINE))
    there = set(kinds) | {f"{name}_bucket" for name, kind in kinds.items() if kind == "histogram"}

    dashboard = json.loads((OPERATE / "grafana.json").read_text())
    expressions = " ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    rules = (OPERATE / "alerts.yml").read_text()

    assert names(expressions) <= there
    assert names(rules) <= there
    assert names(expressions) >= {name for name, kind in kinds.items() if kind != "histogram"}


def promtool(*words: str, input: str | None = None) -> None:
    done = subprocess.run(
        ["promtool", *words], input=input, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.soak
def test_prometheus_accepts_the_rules() -> None:
    promtool("check", "rules", str(OPERATE / "alerts.yml"))


@pytest.mark.soak
def test_prometheus_accepts_the_metrics(service: InProcess) -> None:
    service.reader().comment("a")
    promtool("check", "metrics", input=service.http().get("/metrics", headers=BEARER).text)
