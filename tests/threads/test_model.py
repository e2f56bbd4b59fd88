"""Whatever people and moderators do, in whatever order, the thread is what a plain tree says."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from hypothesis.strategies import DataObject, booleans, data, integers, sampled_from

from tests.command_line import examined
from tests.conftest import MakeService
from tests.people import Json, Moderator, Reader
from tests.threads.tree import Node, Tree

MAX_DEPTH = 3
STATES = {"approve": "approved", "hold": "pending", "spam": "spam", "trash": "trash"}
articles = (f"article-{number}" for number in count())


class Discussion(RuleBasedStateMachine):
    """One article, its readers and its moderator, beside the model of what they did."""

    reader: Reader
    moderator: Moderator

    @initialize()
    def begin(self) -> None:
        self.article = next(articles)
        self.tree = Tree(MAX_DEPTH)

    @rule(data=data())
    def somebody_comments(self, data: DataObject) -> None:
        self.post(data.draw(sampled_from([None, *self.tree.in_state("approved")])))

    @precondition(lambda self: self.tree.in_state("approved"))
    @rule(data=data())
    def somebody_replies(self, data: DataObject) -> None:
        self.post(data.draw(sampled_from(self.tree.in_state("approved"))))

    @precondition(lambda self: self.tree.in_state("pending", "spam", "trash"))
    @rule(data=data())
    def nobody_can_answer_what_is_not_public(self, data: DataObject) -> None:
        hidden = data.draw(sampled_from(self.tree.in_state("pending", "spam", "trash")))

        assert self.reader.post(self.article, parent=hidden.id).status_code == 409

    @precondition(lambda self: self.tree.nodes)
    @rule(data=data(), action=sampled_from([*STATES, "purge"]))
    def a_moderator_decides(self, data: DataObject, action: str) -> None:
        node = data.draw(sampled_from(self.tree.nodes))

        answer = self.moderator.decide(action, node.id)

        if node.erased:
            assert answer == {"decided": [], "missing": [node.id]}
            return
        to = STATES.get(action)
        assert [one.pop("decision") is None for one in answer["decided"]] == [to == node.state]
        assert answer == {"decided": [{"id": node.id, "from": node.state, "to": to}], "missing": []}
        node.state = to or "trash"
        if to is None:
            self.tree.erase(node)

    @precondition(lambda self: self.tree.nodes)
    @rule(data=data(), action=sampled_from(["approve", "trash"]))
    def a_moderator_decides_about_all(self, data: DataObject, action: str) -> None:
        self.moderator.decide(action, *(node.id for node in self.tree.nodes))

        for node in self.tree.nodes:
            node.state = "trash" if node.erased else STATES[action]

    @precondition(lambda self: self.tree.nodes)
    @rule(data=data())
    def an_author_edits(self, data: DataObject) -> None:
        node = data.draw(sampled_from(self.tree.nodes))
        text = f"{node.text} edited"

        answer = self.reader.edit(node.id, node.edit_key, text)

        assert answer.status_code == (404 if node.erased else 200 if node.state == "approved" else 202)
        if not node.erased:
            node.text, node.edited = text, True

    @precondition(lambda self: self.tree.nodes)
    @rule(data=data())
    def an_author_deletes(self, data: DataObject) -> None:
        node = data.draw(sampled_from(self.tree.nodes))

        answer = self.reader.delete(node.id, node.edit_key)

        assert answer.status_code == (404 if node.erased else 204)
        self.tree.erase(node)

    @precondition(lambda self: self.tree.nodes)
    @rule(data=data(), pinned=booleans())
    def a_moderator_pins(self, data: DataObject, pinned: bool) -> None:
        roots = [node for node in self.tree.nodes if node.above is None and not node.erased]
        if roots:
            self.pin(data.draw(sampled_from(roots)), pinned)

    @precondition(lambda self: self.tree.count > 1)
    @rule(
        data=data(),
        limit=integers(1, 4),
        order=sampled_from(["oldest", "newest"]),
        meanwhile=sampled_from(["post", "trash", "nothing"]),
    )
    def somebody_walks_through_it_meanwhile(
        self, data: DataObject, limit: int, order: str, meanwhile: str
    ) -> None:
        public_before = set(self.tree.in_state("approved"))
        seen: list[str] = []
        cursor: Json = {}
        for step in count():
            page = self.reader.thread(self.article, order=order, limit=limit, **cursor)
            seen += [comment["id"] for comment in page["comments"]]
            if page["next"] is None:
                break
            assert page["next"] != cursor.get("cursor"), "the walk stands still"
            cursor = {"cursor": page["next"]}
            if step < 3 and data.draw(booleans()):
                self.change(data, meanwhile)

        throughout = {node.id for node in public_before if node.state == "approved"}
        assert len(seen) == len(set(seen))
        assert throughout <= set(seen)

    @invariant()
    def the_thread_is_what_the_tree_says(self) -> None:
        for order in ("oldest", "newest"):
            thread = self.reader.thread(self.article, order=order, limit=200)

            assert thread["count"] == self.tree.count
            assert thread["next"] is None
            assert [face(comment) for comment in thread["comments"]] == self.tree.public(order)

    def post(self, parent: Node | None) -> None:
        text = f"number {len(self.tree.nodes)}"
        posted = self.reader.posted(self.article, text, parent=parent and parent.id)
        self.tree.add(posted["comment"]["id"], text, posted["edit_key"], parent)

    def pin(self, node: Node, pinned: bool) -> None:
        changes = {"pinned": pinned}
        assert self.moderator.request("PATCH", f"/comments/{node.id}", json=changes).status_code == 200
        self.tree.pins = [node] * pinned + [other for other in self.tree.pins if other is not node]

    def change(self, data: DataObject, what: str) -> None:
        node = data.draw(sampled_from(self.tree.nodes))
        if what == "post":
            self.post(node if node.state == "approved" else None)
        elif what == "trash" and not node.erased:
            self.moderator.decide("trash", node.id)
            node.state = "trash"


FACE = ("id", "parent", "depth", "html", "removed", "replies", "pinned")


def face(comment: Json) -> Json:
    """What a model can know of a comment."""
    compared = {name: comment[name] for name in FACE}
    assert (comment["author"] is None) == comment["removed"]
    return compared | {"edited": comment["edited_at"] is not None}


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize("examples", [5, pytest.param(50, marks=pytest.mark.soak)])
def test_a_thread_is_always_what_a_plain_tree_says(make_service: MakeService, examples: int) -> None:
    service = make_service(MAX_DEPTH=str(MAX_DEPTH))
    Discussion.reader, Discussion.moderator = service.reader(), service.moderator()

    run(
        Discussion,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert examined(service)[0] == 0, examined(service)[1]
