"""`/metrics` on a port of its own, on which each process that serves listens: whichever answers tells of all.

The kernel hands each connection to one of them (SO_REUSEPORT), so it does not matter which of them ends.
"""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn
from threading import BoundedSemaphore, Thread, Timer
from typing import TYPE_CHECKING, Any

import structlog

from commentsvc import __version__
from commentsvc.errors import BadSetting
from commentsvc.log import log_fault
from commentsvc.settings import PREFIX, Settings
from commentsvc.settings.values import shown

if TYPE_CHECKING:
    from commentsvc.service import Service

PATH = "/metrics"
PATIENCE_SECONDS = 5  # for a request, from its connection to its answer
AT_ONCE = 8

log = structlog.get_logger("commentsvc.metrics")


def require_free(settings: Settings) -> None:
    """Make sure that METRICS_PORT can be had, and nobody has it: another service would take a part of the scrapes.

    :raises BadSetting: something listens there, or the address is not this machine's.
    """
    if settings.metrics_port is None:
        return
    try:
        _listening(settings.metrics_host, settings.metrics_port, shared=False).close()
    except OSError as why:
        raise BadSetting(
            f"Cannot listen on {shown(settings.metrics_host)}:{settings.metrics_port} for metrics: {why.strerror}. "
            f"Choose another {PREFIX}METRICS_PORT."
        ) from None


def require_other(settings: Settings, served: int | None) -> None:
    """Make sure that METRICS_PORT is not the port, if it is one, on which readers are served: each would get a part of both.

    :raises BadSetting: it is.
    """
    if served is not None and settings.metrics_port == served:
        raise BadSetting(f"Readers are served on port {served}. Choose another {PREFIX}METRICS_PORT.")


def listen_beside(service: Service) -> None:
    """Answer on METRICS_PORT in a thread of this process, if there is one."""
    settings = service.settings
    if settings.metrics_port is None:
        return
    try:
        listening = _listening(settings.metrics_host, settings.metrics_port, shared=True)
    except OSError as why:
        log.error("metrics cannot be read on their port", port=settings.metrics_port, kind=type(why).__name__)
        return
    Thread(target=_Server(listening, service).serve_forever, name="metrics", daemon=True).start()


def _listening(host: str, port: int, *, shared: bool) -> socket.socket:
    """A socket that listens there.

    :raises OSError: it cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind((host, port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


class _Server(ThreadingMixIn, HTTPServer):
    """Answers some requests at a time, each within some seconds: one that is slow keeps no other from its answer."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, service: Service) -> None:
        super().__init__(listening.getsockname()[:2], _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.service = service
        self._places = BoundedSemaphore(AT_ONCE)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, where there is a place."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, or end the connection when it is time."""
        end = Timer(PATIENCE_SECONDS, _end, [request])
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say in the log what went wrong, and not as a traceback on standard error."""
        if (why := sys.exception()) is not None:
            log_fault(why, PATH)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):  # it has ended by itself
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE_SECONDS
    server: _Server
    server_version = f"commentsvc/{__version__}"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer a scrape."""
        from commentsvc.actions.figures import (  # loaded where there is something to tell
            METRICS,
            metrics_text,
        )

        if self.path.partition("?")[0] != PATH:
            self.send_error(404)
            return
        body = metrics_text(self.server.service).encode()
        self.send_response(200)
        self.send_header("Content-Type", METRICS)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Leave scrapes out of the log."""
