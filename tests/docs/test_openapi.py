"""The service describes itself, and answers as it says."""

from __future__ import annotations

import re
from typing import Any

import pytest

from commentsvc.web.descriptions import description_of
from tests.people import Moderator, Reader
from tests.running_service import InProcess

NOT_PART_OF_IT = {"static"}  # style sheets


@pytest.fixture
def document(reader: Reader) -> dict[str, Any]:
    return reader.get("/openapi.json").json()


def test_every_route_is_described(service: InProcess) -> None:
    views = service.app.view_functions

    assert {endpoint for endpoint, view in views.items() if description_of(view) is None} == NOT_PART_OF_IT


@pytest.mark.soak
def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    from openapi_spec_validator import validate  # as below

    assert document["openapi"].startswith("3.1")
    validate(document)


def test_the_limits_of_the_form_stand_in_it(document: dict[str, Any]) -> None:
    body = document["paths"]["/api/v1/comments"]["post"]["requestBody"]
    fields = body["content"]["application/json"]["schema"]

    assert fields["required"] == ["article", "name", "email", "text"]
    assert fields["properties"]["name"]["maxLength"] == 80
    assert fields["properties"]["text"]["maxLength"] == 10_000


def test_answers_are_as_described(document: dict[str, Any], reader: Reader, moderator: Moderator) -> None:
    posted = reader.post("a-1")
    comment = posted.json()["comment"]["id"]
    key = posted.json()["edit_key"]
    decision = {"ids": [comment], "action": "approve"}
    block = {"kind": "word", "value": "sample word", "action": "hold"}

    answers = [
        ("/api/v1/comments", "post", posted),
        ("/api/v1/comments", "post", reader.send({"name": 5})),
        ("/api/v1/comments/{comment}", "get", reader.get(f"/api/v1/comments/{comment}")),
        ("/api/v1/comments/{comment}", "get", reader.get("/api/v1/comments/none")),
        ("/api/v1/comments/{comment}", "patch", reader.edit(comment, key, "Edited.")),
        ("/api/v1/thread", "get", reader.get("/api/v1/thread", article="a-1")),
        ("/api/v1/thread", "get", reader.get("/api/v1/thread", article="")),
        ("/api/v1/counts", "get", reader.get("/api/v1/counts", article="a-1")),
        ("/api/v1/form", "get", reader.get("/api/v1/form", article="a-1")),
        ("/api/v1/preview", "post", reader.http.post("/api/v1/preview", json={"text": "*Hello*"})),
        ("/api/v1/moderation/comments", "get", moderator.request("GET", "/comments")),
        ("/api/v1/moderation/decisions", "post", moderator.request("POST", "/decisions", json=decision)),
        ("/api/v1/moderation/decisions", "get", moderator.request("GET", "/decisions")),
        ("/api/v1/moderation/thread", "patch", moderator.set_thread("a-1", title="A title")),
        ("/api/v1/moderation/blocks", "post", moderator.request("POST", "/blocks", json=block)),
        ("/api/v1/moderation/blocks", "get", moderator.request("GET", "/blocks")),
    ]

    # It reads dozens of grammars when it is loaded: two seconds of each process that collects.
    from jsonschema import Draft202012Validator

    for path, method, answer in answers:
        described = document["paths"][path][method]["responses"][str(answer.status_code)]
        content_type = answer.headers["Content-Type"]
        schema = described["content"][content_type]["schema"] | {"components": document["components"]}
        Draft202012Validator(schema).validate(answer.json())


def test_the_page_of_the_interface_asks_no_third_party(reader: Reader) -> None:
    page = reader.get("/docs")

    assert page.status_code == 200
    assert "/api/v1/comments" in page.text
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)
