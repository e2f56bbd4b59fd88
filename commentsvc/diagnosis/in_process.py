"""A client of a service in this process: through its WSGI door, without a socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import msgspec
from werkzeug.datastructures import Headers, MultiDict
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Request

BASE_URL = "http://127.0.0.1:5000"
CLIENT = "192.0.2.1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; `method`, `url` and `sent` are those of the request."""

    method: str
    url: str
    sent: bytes
    status_code: int
    headers: Headers
    content: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """The body, decoded."""
        return msgspec.json.decode(self.content)


@dataclass
class Client:
    """Asks *app*, and keeps all that was answered."""

    app: Any
    answers: list[Answer] = field(default_factory=list)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request: with a JSON body, a form, or bytes."""
        body: dict[str, Any] = {"data": content if data is None else MultiDict(data)}
        builder = EnvironBuilder(
            method=method,
            path=path,
            base_url=BASE_URL,
            query_string=MultiDict(params) if params else None,
            headers=Headers(headers or {}),
            environ_base={"REMOTE_ADDR": CLIENT},
            **(body if json is None else {"json": json}),
        )
        environ = builder.get_environ()
        builder.close()
        asked = Request(environ)
        sent = asked.get_data()
        environ["wsgi.input"] = BytesIO(sent)  # which was read just now
        found, status, answered = run_wsgi_app(self.app, environ, buffered=True)
        answer = Answer(method, asked.url, sent, int(status[:3]), answered, b"".join(found))
        self.answers.append(answer)
        return answer
