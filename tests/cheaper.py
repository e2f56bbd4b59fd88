"""What tests do thousands of times without asking about it, and which is made cheap for all of them.

A service takes 26 ms of processor time without this, and 9 with it.
"""

from __future__ import annotations

import functools
import importlib.metadata
import sys
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

import httpx
import pytest
from argon2 import PasswordHasher
from flask import Flask
from httpx._transports import default
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Map, Rule, RuleFactory
from werkzeug.routing.matcher import StateMachineMatcher

from commentsvc.access import accounts
from commentsvc.screening import plugins
from commentsvc.serving import slow_refusals


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """To hash a password takes 0.15 s of processor time, as it must; here a thousandth will do, but in a server's processes."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(accounts, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def refusals_are_hardly_held_back() -> Iterator[None]:
    """Who is refused often waits 0.2 s for each refusal, but not in this process."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(slow_refusals, "HELD_SECONDS", 0.001)
        yield


@pytest.fixture(scope="session", autouse=True)
def certificates_are_loaded_once() -> Iterator[None]:
    """A client of httpx loads those of all authorities, 27 ms, though it asks by http."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(default, "create_ssl_context", functools.cache(httpx.create_ssl_context))
        yield


class RoutesPutTogetherOnce(Map):
    """Puts its rules together when it is first asked; all applications of a process that have the same share them."""

    _together: ClassVar[dict[Any, tuple[StateMachineMatcher, dict[Any, list[Rule]]]]] = {}
    _by_turns: ClassVar[Lock] = Lock()

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self._added: list[Rule] = []

    def add(self, rulefactory: RuleFactory) -> None:
        self._added += rulefactory.get_rules(self)
        self._remap = True

    def update(self) -> None:
        if not self._remap:
            return
        with self._by_turns:
            key = (self.merge_slashes, tuple(_described(rule) for rule in self._added))
            if key not in self._together:
                whole = Map([copy(rule) for rule in self._added], merge_slashes=self.merge_slashes)
                whole.update()
                self._together[key] = (whole._matcher, whole._rules_by_endpoint)
            self._matcher, self._rules_by_endpoint = self._together[key]
            self._remap = False


def _described(rule: Rule) -> tuple[Any, ...]:
    """All that the routes of the service say of a rule."""
    return (
        rule.rule,
        rule.endpoint,
        frozenset(rule.methods or ()),
        repr(rule.defaults),
        rule.subdomain,
        rule.strict_slashes,
        rule.build_only,
        rule.redirect_to,
        rule.provide_automatic_options,
    )


@pytest.fixture(scope="session", autouse=True)
def routes_are_put_together_once() -> Iterator[None]:
    """Werkzeug reads each rule of each application by regular expressions, and compiles two functions for it, 10 ms for all."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Flask, "url_map_class", RoutesPutTogetherOnce)
        yield


class CompiledStatements(LRUCache[Any, Any]):
    """Statements of all engines of a process, by the kind of database, and not by each engine's own dialect."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((type(key[0]), *key[1:]), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__((type(key[0]), *key[1:]), value)


@pytest.fixture(scope="session", autouse=True)
def statements_are_compiled_once() -> Iterator[None]:
    """Each engine compiles what it is asked for the first time, 0.7 ms a statement; a test with one post asks thirty."""
    compiled = CompiledStatements(4000)
    of_all = property(lambda _engine: compiled, lambda _engine, _its_own: None)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Engine, "_compiled_cache", of_all, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def entry_points_are_read_once() -> Iterator[None]:
    """To look for installed checks, a file of each package in the environment is read."""
    found: dict[Any, importlib.metadata.EntryPoints] = {}

    def entry_points(group: str) -> importlib.metadata.EntryPoints:
        folders = [Path(folder) for folder in sys.path]
        key = (group, *((folder, folder.stat().st_mtime_ns) for folder in folders if folder.exists()))
        if key not in found:
            found[key] = importlib.metadata.entry_points(group=group)
        return found[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(plugins, "entry_points", entry_points)
        yield
