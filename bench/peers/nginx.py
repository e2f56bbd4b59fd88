"""The ceiling of any server: nginx with the same bytes in a file.

One worker process, `sendfile` on, no access log, connections kept open; the rest as Debian's
package has it. A file of its own stands for each representation, with the type and the coding of
the answer it holds.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.answers import Answer, read_all
from bench.servers import Server, free_port, running

CONFIGURATION = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
{user}
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 600;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    root {answers};
    location = /ready {{ return 200 ok; }}
{locations}
  }}
}}
"""


def shown() -> str:
    """The configuration as the documentation shows it, with one file of many."""
    answer = Answer([("Content-Type", "application/json"), ("Content-Encoding", "br")], b"")
    return CONFIGURATION.format(
        folder="…", answers="…", port="…", user="user …;", locations=_location("…", answer)
    )


@contextmanager
def serving(answers: Path, folder: Path) -> Iterator[Server]:
    """Serve what lies in the folder *answers*; *folder* is for nginx's own files."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    locations = "\n".join(_location(name, answer) for name, answer in read_all(answers).items())
    configuration = folder / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(folder=folder, answers=answers, port=port, user=_user(), locations=locations)
    )
    command = ["nginx", "-c", str(configuration), "-p", str(folder), "-e", "stderr"]
    with running(command, port, folder / "nginx.log", path="/ready") as server:
        yield server


def _location(name: str, answer: Answer) -> str:
    coding = answer.header("Content-Encoding")
    coded = f" add_header Content-Encoding {coding};" if coding else ""
    return f'    location = /{name} {{ types {{}} default_type "{answer.header("Content-Type")}";{coded} }}'


def _user() -> str:
    """Started by root it would become another user, who may not read our files."""
    return f"user {pwd.getpwuid(os.getuid()).pw_name};" if os.getuid() == 0 else ""
