"""Debian's Exim, as the mail server of an operator: it takes our mail, hands it on, and returns what cannot be delivered."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER = "Debian-exim"  # whom Exim takes for its administrator; to become it, the tests run as root
START_SECONDS = 20
WAIT_SECONDS = 60
CONFIGURATION = """
primary_hostname = mail.blog.example
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path =
deliver_drop_privilege = true
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
tls_advertise_hosts =
queue_run_max = 1
acl_smtp_rcpt = rcpt
acl_smtp_mail = mail
keep_environment =
begin acl
mail:
  deny senders = :stranger@blog.example
       message = 550 5.1.8 No mail from there
  accept
rcpt:
  defer domains = grey.example
        condition = ${{if !exists{{{folder}/not-grey}}}}
        message = Greylisted
  deny domains = other.example
       message = relay not permitted
  deny domains = gone.example
       message = No such user here
  accept
begin routers
bounces:
  driver = accept
  domains = blog.example
  local_parts = bounces
  local_part_suffix = +*
  transport = bounces
onward:
  driver = manualroute
  route_list = * 127.0.0.1::{next_port}
  self = send
  transport = onward
begin transports
bounces:
  driver = appendfile
  directory = {folder}/bounces
  delivery_date_add
  envelope_to_add
  return_path_add
onward:
  driver = smtp
  hosts_try_fastopen =
  allow_localhost
begin retry
* * F,1h,1s
"""


@dataclass
class Exim:
    """A running Exim; what came back lies in files of `bounces`."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """What `SMTP_URL` says for it."""
        return f"smtp://127.0.0.1:{self.port}"

    def wait_for_bounce(self) -> bytes:
        """Give the message that came back."""
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            if files := [file for file in (self.folder / "bounces").glob("q*") if file.stat().st_size]:
                return files[0].read_bytes()
            time.sleep(0.1)
        raise AssertionError((self.folder / "mainlog").read_text())


@contextmanager
def exim(next_port: int) -> Iterator[Exim]:
    """Run one that hands mail on to a port of loopback, until the block ends."""
    program = shutil.which("exim4") or shutil.which("exim4", path="/usr/sbin")
    assert program, "Debian's exim4 is missing. Run: .ci/debian-packages exim4-daemon-light"
    with tempfile.TemporaryDirectory(prefix="commentsvc-") as name, socket.socket() as free:
        folder = Path(name)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        (folder / "bounces").mkdir()
        (folder / "spool").mkdir()
        configuration = folder / "exim.conf"
        configuration.write_text(CONFIGURATION.format(folder=folder, port=port, next_port=next_port))
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, USER, USER)
        with (folder / "output").open("wb") as output:
            process = subprocess.Popen(
                [program, "-C", configuration, "-bdf", "-q1s"],
                cwd=folder, stdout=output, stderr=output, user=USER, group=USER, extra_groups=[],
            )  # fmt: skip
        try:
            _wait_until_ready(process, folder, port)
            yield Exim(folder, port)
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def _wait_until_ready(process: subprocess.Popen[bytes], folder: Path, port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError((folder / "output").read_text())
