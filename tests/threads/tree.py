"""What a thread is, said as plainly as can be: comments that know whom they answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.people import Json


@dataclass(eq=False)
class Node:
    """A comment. `above` is the one that it hangs under as shown, `parent` the one it answers."""

    id: str
    text: str
    edit_key: str
    parent: Node | None
    above: Node | None
    state: str = "approved"
    erased: bool = False
    edited: bool = False

    @property
    def depth(self) -> int:
        return 0 if self.above is None else self.above.depth + 1


@dataclass
class Tree:
    """All comments of a thread, in the order in which they came."""

    max_depth: int
    nodes: list[Node] = field(default_factory=list)
    pins: list[Node] = field(default_factory=list)  # the latest first

    def add(self, id: str, text: str, edit_key: str, parent: Node | None) -> Node:
        above = parent
        if parent is not None and parent.depth == self.max_depth - 1:
            above = parent.above
        node = Node(id, text, edit_key, parent, above)
        self.nodes.append(node)
        return node

    def erase(self, node: Node) -> None:
        node.state, node.erased = "trash", True
        self.pins = [other for other in self.pins if other is not node]

    def in_state(self, *states: str) -> list[Node]:
        return [node for node in self.nodes if node.state in states]

    @property
    def count(self) -> int:
        return len(self.in_state("approved"))

    def below(self, node: Node) -> Iterator[Node]:
        for other in self.nodes:
            if other.above is node:
                yield other
                yield from self.below(other)

    def replies(self, node: Node) -> int:
        if node.depth == self.max_depth - 1:
            return sum(other.parent is node for other in self.in_state("approved"))
        return sum(other.state == "approved" for other in self.below(node))

    def is_shown(self, node: Node) -> bool:
        return node.state == "approved" or self.replies(node) > 0

    def shown(self, order: str) -> list[Node]:
        roots = [node for node in self.nodes if node.above is None]
        if order == "newest":
            roots.reverse()
        roots = [*self.pins, *(root for root in roots if root not in self.pins)]
        return [node for root in roots for node in (root, *self.below(root)) if self.is_shown(node)]

    def public(self, order: str) -> list[Json]:
        """What the service must say of the comments, as far as a model can know it."""
        return [
            {
                "id": node.id,
                "parent": node.parent and node.parent.id,
                "depth": node.depth,
                "html": f"<p>{node.text}</p>" if node.state == "approved" else "",
                "removed": node.state != "approved",
                "replies": self.replies(node),
                "pinned": node in self.pins,
                "edited": node.edited and node.state == "approved",
            }
            for node in self.shown(order)
        ]
