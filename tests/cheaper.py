"""What tests do thousands of times without asking about it, and which is made cheap for all of them.

A service takes 26 ms of processor time without this, and 9 with it.
"""

from __future__ import annotations

import functools
import importlib.metadata
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from httpx._transports import default
from werkzeug.routing import Rule

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


@pytest.fixture(scope="session", autouse=True)
def routes_are_compiled_once() -> Iterator[None]:
    """Werkzeug compiles a function for each route of each application; they are the same in all of a process."""
    compile_builder = Rule._compile_builder
    builders: dict[Any, Callable[..., tuple[str, str]]] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in builders:
            builders[key] = compile_builder(rule, append_unknown)
        return builders[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Rule, "_compile_builder", compiled)
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
