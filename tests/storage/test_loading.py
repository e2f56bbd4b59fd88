"""Comments that are loaded at once stand, count and show as if they had been posted one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import integers, lists, none, sampled_from, tuples

from bench.seed import default_site, fill, fill_many, fill_spread
from commentsvc.actions.bulk_insert import BATCH, ImportedComment, load
from commentsvc.model import State
from tests.command_line import examined
from tests.conftest import MakeService
from tests.databases import on_both
from tests.people import Json
from tests.running_service import InProcess

__all__ = ["on_both"]

ACTIONS = {State.PENDING: "hold", State.SPAM: "spam", State.TRASH: "trash"}
BEGAN = datetime(2026, 11, 1, 8, tzinfo=UTC)
Planned = list[tuple[int | None, State]]
"""For each comment: how far back the one stands that it answers, and the state it ends in."""

plans = lists(
    tuples(none() | integers(1, 8), sampled_from([State.APPROVED, State.APPROVED, *ACTIONS])),
    min_size=8,
    max_size=25,
)


def arrivals(article: str, plan: Planned) -> Iterator[ImportedComment]:
    for number, (back, state) in enumerate(plan):
        yield ImportedComment(
            article=article,
            key=f"key {number}",
            parent=f"key {number - back}" if back is not None and back <= number else None,
            author_id=f"author-{number % 3}",
            name=f"Reader {number % 3}",
            email=f"reader-{number % 3}@paper.example",
            url=None,
            text=f"Comment {number}.",
            posted_at=BEGAN + timedelta(seconds=number),
            state=state,
        )


def load_all(service: InProcess, *loaded: ImportedComment, batch_size: int = BATCH) -> int:
    ours = service.app.extensions["commentsvc"]
    return load(ours, default_site(ours), loaded, batch_size=batch_size)


def post_all(service: InProcess, article: str, plan: Planned) -> None:
    """The same by hand: all are posted and public, then a moderator decides."""
    reader, moderator = service.reader(), service.moderator()
    ids: list[str] = []
    for number, (back, _) in enumerate(plan):
        parent = ids[number - back] if back is not None and back <= number else None
        ids.append(reader.comment(article, f"Comment {number}.", parent=parent, name=f"Reader {number % 3}"))
    for comment, (_, state) in zip(ids, plan, strict=True):
        if state in ACTIONS:
            moderator.decide(ACTIONS[state], comment)


def shown(service: InProcess, article: str, order: str) -> tuple[int, list[Json]]:
    """What the thread looks like, without ids and times."""
    thread = service.reader().thread(article, order=order, limit=200)
    places = {comment["id"]: number for number, comment in enumerate(thread["comments"])}
    return thread["count"], [
        {name: comment[name] for name in ("depth", "author", "html", "removed", "replies")}
        | {"parent": places.get(comment["parent"])}
        for comment in thread["comments"]
    ]


@pytest.mark.slow_on_postgresql
@pytest.mark.slow
@pytest.mark.parametrize("examples", [3, pytest.param(30, marks=pytest.mark.soak)])
def test_what_is_loaded_looks_as_if_it_had_been_posted(make_service: MakeService, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.reuse, Phase.generate],  # every example is many requests: to shrink one takes minutes
        suppress_health_check=list(HealthCheck),
    )
    @given(plans)
    def tried(plan: Planned) -> None:
        looks_as_if_it_had_been_posted(make_service(MAX_DEPTH="3"), plan)

    tried()


def looks_as_if_it_had_been_posted(service: InProcess, plan: Planned) -> None:
    post_all(service, "posted", plan)

    load_all(service, *arrivals("loaded", plan))

    for order in ("oldest", "newest"):
        assert shown(service, "loaded", order) == shown(service, "posted", order)
    assert examined(service)[0] == 0, examined(service)[1]


@pytest.mark.slow_on_postgresql
def test_the_batches_do_not_show(make_service: MakeService) -> None:
    plan: Planned = [(None if n % 7 == 0 else 1 + n % 6, State.APPROVED) for n in range(60)]
    whole, batched = make_service(), make_service()

    assert load_all(whole, *arrivals("one", plan), *arrivals("two", plan)) == 120
    assert load_all(batched, *arrivals("one", plan), *arrivals("two", plan), batch_size=7) == 120

    assert examined(batched)[0] == 0, examined(batched)[1]
    for article in ("one", "two"):
        assert shown(batched, article, "oldest") == shown(whole, article, "oldest")


@pytest.mark.slow_on_postgresql
def test_people_go_on_discussing_what_was_loaded(service: InProcess) -> None:
    reader, moderator = service.reader(), service.moderator()
    first = reader.comment("a", "Here before.")
    load_all(service, *arrivals("a", [(None, State.APPROVED), (1, State.APPROVED)]))

    loaded = [c["id"] for c in reader.thread("a")["comments"]][1:]
    reader.comment("a", "An answer.", parent=loaded[1])
    moderator.decide("trash", first, loaded[0])

    assert [(c["html"], c["replies"]) for c in reader.thread("a")["comments"]] == [
        ("", 2),
        ("<p>Comment 1.</p>", 1),
        ("<p>An answer.</p>", 0),
    ]
    assert reader.thread("a")["count"] == 2


def test_moderators_find_what_was_loaded_by_its_address(service: InProcess) -> None:
    load_all(service, *arrivals("a", [(None, State.APPROVED), (None, State.SPAM)]))

    found = service.moderator().queue(email="READER-1@paper.example")

    assert [(c["email"], c["state"], c["text"]) for c in found] == [
        ("reader-1@paper.example", "spam", "Comment 1.")
    ]


def test_an_answer_to_what_did_not_come_before_is_refused_and_leaves_nothing(service: InProcess) -> None:
    one, two = arrivals("a", [(None, State.APPROVED), (1, State.APPROVED)])

    with pytest.raises(LookupError, match="key 0"):
        load_all(service, two, one)

    assert service.reader().thread("a")["count"] == 0


@pytest.mark.soak
def test_the_same_seed_makes_the_same_comments(make_service: MakeService) -> None:
    one, again, other = make_service(), make_service(), make_service()
    for service, seed in ((one, 1), (again, 1), (other, 2)):
        fill(service.app.extensions["commentsvc"], "a", 60, seed=seed)

    answers = [service.reader().get("/api/v1/thread", article="a").text for service in (one, again, other)]

    assert answers[0] == answers[1] != answers[2]


@pytest.mark.soak
def test_a_seeded_discussion_has_many_replies_as_deep_as_they_go(service: InProcess) -> None:
    fill(service.app.extensions["commentsvc"], "long", 200)

    comments = service.reader().thread("long", limit=200)["comments"]

    assert len(comments) == 200
    assert {c["depth"] for c in comments} == set(range(6))
    assert 0.7 < sum(c["parent"] is not None for c in comments) / 200 < 0.9


@pytest.mark.soak
@pytest.mark.slow_on_postgresql
def test_seeded_threads_are_mostly_short_and_in_all_states(service: InProcess) -> None:
    fill_many(service.app.extensions["commentsvc"], 120)
    fill_spread(service.app.extensions["commentsvc"], 2)

    reader = service.reader()
    counts = [reader.thread(f"article-{number}")["count"] for number in range(120)]
    assert sum(count <= 5 for count in counts) > 100
    assert max(counts) > 50
    assert [reader.thread(f"spread-{number}")["count"] for number in (0, 1, 2)] == [100, 100, 0]
    states = {c["state"] for c in service.moderator().queue(limit=200)}
    assert states == {"pending", "approved", "spam", "trash"}
