"""Jobs: one runner at a time works on each, in steps; they are seen, cancelled, tried again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from commentsvc.jobs import queue, runner
from commentsvc.jobs.kinds import KINDS
from commentsvc.jobs.runner import IDLE_SECONDS, Runner
from commentsvc.model import Job, JobState, JobStep
from commentsvc.publishing import sanitise
from commentsvc.service import Service
from commentsvc.storage.tables import JobRow
from tests.command_line import refusal, typed
from tests.jobs.outdated import OLD, age, fill_outdated, forget_jobs, job_of, started, written, wrong
from tests.people import Moderator, Reader
from tests.running_service import InProcess

SIZE = 160  # four steps


@pytest.fixture(scope="module")
def filled(shared_service: InProcess) -> InProcess:
    fill_outdated(shared_service, SIZE)
    return shared_service


@pytest.fixture
def service(filled: InProcess) -> InProcess:
    """A service with outdated comments in the article `a`, and no jobs."""
    forget_jobs(filled)
    age(filled)
    return filled


@pytest.fixture
def ours(service: InProcess) -> Service:
    """It, as runners know it."""
    return service.ours


def after(pauses: int, then: Callable[[], object] = lambda: None) -> Callable[[float], bool]:
    """A `Wait` that stops after that many pauses between steps, and does something before that."""
    left = [pauses]

    def wait(_seconds: float) -> bool:
        left[0] -= 1
        if left[0] > 0:
            return False
        then()
        return True

    return wait


def when_idle(seconds: float) -> bool:
    """A `Wait` that stops where nothing is left to do, however many steps that took."""
    return seconds == IDLE_SECONDS


class Killed(BaseException):
    """Nothing of ours catches it."""


def kill() -> None:
    raise Killed


def never(_seconds: float) -> bool:
    return False


@pytest.mark.slow_on_postgresql
def test_who_is_told_to_stop_gives_the_job_back_and_another_goes_on_where_it_was(
    service: InProcess, ours: Service
) -> None:
    job = started(service)

    left = Runner(ours, after(2)).run_job(job.public_id)

    assert (left.state, left.total) == (JobState.QUEUED, SIZE)
    assert 0 < left.done < SIZE
    ended = Runner(ours, never).run_job(job.public_id)
    assert (ended.state, ended.done, ended.cursor) == (JobState.DONE, SIZE, {"differ": SIZE})
    assert wrong(service) == []


def test_another_runner_waits_until_the_lease_has_ended(service: InProcess, ours: Service) -> None:
    job = started(service)
    with pytest.raises(Killed):
        Runner(ours, after(2, kill)).run_job(job.public_id)
    done = job_of(service, job).done
    service.clock.move(seconds=runner.LEASE.total_seconds() - 1)

    kept_out = Runner(ours, after(3)).run_job(job.public_id)
    service.clock.move(seconds=2)
    ended = Runner(ours, never).run_job(job.public_id)

    assert (kept_out.state, kept_out.done) == (JobState.RUNNING, done)
    assert (ended.state, ended.done) == (JobState.DONE, SIZE)


def test_a_runner_whose_lease_another_took_stores_nothing_more(service: InProcess, ours: Service) -> None:
    job = started(service)

    def overtake(_seconds: float) -> bool:
        service.clock.move(seconds=60)
        Runner(ours, never).run_job(job.public_id)
        return False

    ended = Runner(ours, overtake).run_job(job.public_id)

    assert (ended.state, ended.done) == (JobState.DONE, SIZE)
    assert wrong(service) == []


def test_a_job_is_cancelled_between_two_steps_and_what_it_did_stays(
    service: InProcess, ours: Service
) -> None:
    job = started(service)

    def cancel(_seconds: float) -> bool:
        if job_of(service, job).state is JobState.RUNNING:
            service.run("job", "cancel", job.public_id)
        service.clock.move(seconds=10)  # a step that failed is due again
        return False

    ended = Runner(ours, cancel).run_job(job.public_id)

    assert ended.state is JobState.CANCELLED
    assert len(wrong(service)) == SIZE - ended.done > 0
    assert service.run("rerender") == (
        f"Rendered {SIZE - ended.done} comments again; {SIZE - ended.done} of them look different now.\n"
    )


@pytest.mark.soak
def test_what_has_ended_cannot_be_cancelled(service: InProcess) -> None:
    service.run("rerender")
    url = service.app.extensions["commentsvc"].settings.database_url
    where = {"DATABASE_URL": url} if url else {}
    (job,) = (line.split()[0] for line in service.run("job", "list").splitlines())

    said = refusal(typed("job", "cancel", job, data_dir=service.data_dir, **where))

    assert said == f"The job {job} has ended: done."
    assert "There is no job “none”." in refusal(
        typed("job", "cancel", "none", data_dir=service.data_dir, **where)
    )


@pytest.mark.any_database
def test_who_cancels_what_comes_by_itself_is_told_when_it_comes_again(service: InProcess) -> None:
    retain, _ = queue.start(service.ours, KINDS["retain"])

    said = service.run("job", "cancel", retain.public_id)

    assert said == (
        f"Cancelled job {retain.public_id}. “retain” begins again with the next start of the service, "
        "or by: commentsvc job start retain\n"
    )


def test_no_id_looks_like_an_option_of_a_command(service: InProcess) -> None:
    drawn = iter([b"\xfb" + bytes(11), bytes(12)])  # the first would begin with “-”
    ours = replace(service.ours, random_bytes=lambda _bytes: next(drawn))

    job, _ = queue.start(ours, KINDS["rerender"])

    assert job.public_id == "A" * 16


@pytest.mark.slow_on_postgresql
def test_there_is_one_job_of_a_kind_at_a_time(service: InProcess) -> None:
    first = service.run("job", "start", "rerender")
    again = service.run("job", "start", "rerender")

    assert first.startswith("Started job ")
    assert again == first.replace("Started", "Already queued:")
    service.run("rerender")
    assert service.run("job", "start", "rerender").startswith("Started job ")


def test_the_list_tells_how_far_each_is(service: InProcess, ours: Service) -> None:
    job = started(service)
    begun = service.clock.now
    left = Runner(ours, after(2)).run_job(job.public_id)

    line = service.run("job", "list").split()

    assert line[:4] == [job.public_id, "rerender", "queued", f"{left.done}/{SIZE}"]
    assert line[4:6] == ["due", f"{begun:%Y-%m-%d}"]


class Failing:
    """A kind whose third step fails as often as it is told to, with a message that nobody may see."""

    name = "failing"

    def __init__(self, times: int, every: timedelta | None = None) -> None:
        self.times = times
        self.every = every

    def arguments(self, _service: Service) -> dict[str, int]:
        return {}

    def is_needed(self, _service: Service) -> bool:
        return False

    def fits(self, _service: Service, _arguments: object) -> bool:
        return True

    def count(self, _service: Service, _job: Job) -> int:
        return 4

    def step(self, _service: Service, job: Job) -> Callable[[object], JobStep]:
        if job.cursor.get("at") == 2 and self.times > 0:
            self.times -= 1
            raise ValueError("somebody@paper.example wrote this")
        at = job.cursor.get("at", 0) + 1
        return lambda _tx: JobStep(1, {"at": at}, finished=at == 4)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Failing]:
    def add(times: int, **more: timedelta) -> Failing:
        kind = Failing(times, **more)
        monkeypatch.setitem(KINDS, kind.name, kind)
        return kind

    return add


def test_no_step_is_stored_twice_while_another_has_the_lease(
    service: InProcess, ours: Service, failing: Callable[..., Failing]
) -> None:
    job, _ = queue.start(ours, failing(0))
    overtaken = iter([False])

    def wait(_seconds: float) -> bool:
        service.clock.move(seconds=5)
        if not next(overtaken, True):
            service.clock.move(seconds=60)
            with pytest.raises(Killed):
                Runner(ours, after(1, kill)).run_job(job.public_id)
        return False

    ended = Runner(ours, wait).run_job(job.public_id)

    assert (ended.state, ended.done) == (JobState.DONE, 4)


def test_a_step_that_fails_is_tried_again_after_growing_pauses(
    service: InProcess, ours: Service, failing: Callable[..., Failing], caplog: pytest.LogCaptureFixture
) -> None:
    job, _ = queue.start(ours, failing(3))
    pauses = []

    def wait(_seconds: float) -> bool:
        seen = job_of(service, job)
        if seen.error is not None and seen.due_at > service.clock.now:
            pauses.append((seen.due_at - service.clock.now).total_seconds())
            service.clock.move(seconds=pauses[-1])
        return False

    ended = Runner(ours, wait).run_job(job.public_id)

    assert pauses == [5, 10, 20]
    assert (ended.state, ended.done, ended.error) == (JobState.DONE, 4, None)
    said = caplog.text
    assert "ValueError" in said
    assert "paper.example" not in said


def test_a_job_that_fails_for_good_says_only_what_kind_of_error_it_was(
    service: InProcess, ours: Service, failing: Callable[..., Failing]
) -> None:
    job, _ = queue.start(ours, failing(1_000))

    def wait(_seconds: float) -> bool:
        service.clock.move(hours=1)
        return False

    ended = Runner(ours, wait).run_job(job.public_id)

    assert (ended.state, ended.done, ended.failures, ended.error) == (
        JobState.FAILED,
        2,
        queue.TRIES,
        "ValueError",
    )
    listed = service.run("job", "list")
    assert "failed" in listed
    assert "paper.example" not in listed


def test_what_is_done_again_and_again_goes_on_after_it_failed(
    service: InProcess, ours: Service, failing: Callable[..., Failing]
) -> None:
    kind = failing(20, every=timedelta(hours=1))
    job, _ = queue.start(ours, kind)

    def wait(_seconds: float) -> bool:
        service.clock.move(hours=1)
        seen = job_of(service, job)
        return kind.times == 0 and seen.failures == 0 and seen.state is JobState.QUEUED

    ended = Runner(ours, wait).run_job(job.public_id)

    assert (ended.state, ended.failures, ended.done) == (JobState.QUEUED, 0, 0)
    assert ended.due_at >= service.clock.now


@pytest.mark.slow_on_postgresql
def test_a_start_begins_what_is_needed_and_only_that(service: InProcess, ours: Service) -> None:
    queue.start_needed(ours)
    queue.start_needed(ours)
    assert sorted(job.kind for job in queue.all_jobs(ours)) == ["figures", "rerender", "retain", "sweep"]

    Runner(ours, when_idle).run()

    assert wrong(service) == []
    queue.start_needed(ours)
    states = {job.kind: job.state for job in queue.all_jobs(ours)}
    daily = dict.fromkeys(("figures", "retain", "sweep"), JobState.QUEUED)
    assert states == {"rerender": JobState.DONE} | daily


def test_a_job_of_a_newer_program_is_left_to_that(service: InProcess, ours: Service) -> None:
    job = started(service)
    with written(service) as connection:
        connection.execute(JobRow.__table__.update().values(arguments={"rules": sanitise.RULES + 1}))

    Runner(ours, when_idle).run()

    seen = job_of(service, job)
    assert (seen.state, seen.done) == (JobState.QUEUED, 0)


def test_a_job_of_an_unknown_kind_is_left_alone(service: InProcess, ours: Service) -> None:
    job = started(service)
    with written(service) as connection:
        connection.execute(JobRow.__table__.update().values(kind="of tomorrow"))

    Runner(ours, when_idle).run()

    assert job_of(service, job).state is JobState.QUEUED


@pytest.mark.slow_on_postgresql
def test_what_has_ended_is_swept_every_hour_and_nothing_else(
    service: InProcess, ours: Service, reader: Reader
) -> None:
    submission = reader.submission("b", "The first.")
    reader.send(submission)
    service.clock.move(hours=3)
    fresh = reader.submission("b", "The second.")
    reader.send(fresh)

    Runner(ours, when_idle).run()

    assert reader.send(submission).status_code == 422  # by its age; who sent it is told so
    assert reader.send(fresh).status_code == 200  # still known
    with written(service) as connection:
        kept = connection.exec_driver_sql("SELECT count(*) FROM spent_token").scalar()
    assert kept == 1


def test_a_post_sweeps_nothing(service: InProcess, reader: Reader) -> None:
    reader.comment("b", "The first of two.")
    service.clock.move(hours=3)

    reader.comment("b", "The second of two.")

    with written(service) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM spent_token").scalar() >= 2


@pytest.mark.soak
def test_jobs_of_long_ago_are_forgotten(service: InProcess, ours: Service) -> None:
    service.run("rerender")
    service.clock.move(days=31)

    Runner(ours, when_idle).run()

    assert {job.kind for job in queue.all_jobs(ours)} == {"sweep", "figures", "retain"}


@pytest.mark.slow_on_postgresql
def test_a_text_on_which_the_renderer_fails_is_shown_as_it_was_typed(
    service: InProcess, reader: Reader, moderator: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    comment = reader.comment("c", "Once *upon* <b>a time</b>\nin a land.")
    age(service)

    def broken(_text: str) -> str:
        raise RuntimeError("a library fails")

    monkeypatch.setattr(sanitise, "_render", broken)
    service.run("rerender")

    html = reader.get(f"/api/v1/comments/{comment}").json()["html"]
    assert html == "<p>Once *upon* &lt;b&gt;a time&lt;/b&gt;<br>\nin a land.</p>"
    assert OLD not in html
    moderator.decide("purge", comment)


@pytest.mark.any_database
def test_what_a_clock_that_was_ahead_put_off_is_done_once_it_is_right(
    service: InProcess, ours: Service
) -> None:
    """As of a machine that keeps no time while it is off: retention would have been off for ten years."""
    right = service.clock.now
    service.clock.now = right + timedelta(days=3650)
    Runner(ours, when_idle).run()
    service.clock.now = right

    Runner(ours, when_idle).run()

    due = {job.kind: job.due_at for job in queue.all_jobs(ours) if job.finished_at is None}
    assert {"sweep", "retain"} <= set(due)
    assert all(moment <= right + timedelta(days=1, hours=1) for moment in due.values())


@pytest.mark.any_database
def test_a_lease_that_a_clock_that_was_ahead_wrote_ends_soon(service: InProcess, ours: Service) -> None:
    right = service.clock.now
    job = started(service)
    with ours.unit_of_work() as work:
        work.jobs.take(job.id, "killed", right, right + timedelta(hours=1))

    Runner(ours, when_idle).run()
    assert queue.find(ours, job.public_id).state is JobState.RUNNING
    service.clock.move(seconds=15)
    Runner(ours, when_idle).run()

    assert queue.find(ours, job.public_id).state is JobState.DONE
