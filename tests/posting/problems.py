"""What a refused posting must look like."""

from __future__ import annotations

import httpx

from tests.people import Json


def problem_of(answer: httpx.Response, status: int, kind: str | None = None) -> Json:
    """Give the problem (RFC 9457) that *answer* is, of that status and type."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    problem: Json = answer.json()
    assert {"type", "title", "status", "detail"} <= set(problem)
    assert problem["status"] == status
    assert problem["detail"]
    if kind is not None:
        assert problem["type"].endswith(f"/{kind}")
    return problem


def errors_of(answer: httpx.Response, kind: str = "invalid") -> dict[str, list[str]]:
    """Give the errors of a submission with invalid fields; each field has at least one, in words."""
    errors: dict[str, list[str]] = problem_of(answer, 422, kind)["errors"]
    assert all(messages and all(messages) for messages in errors.values())
    return errors
