"""The operator's settings: read from the environment once, checked, and frozen.

Each field of `Settings` is one variable, named `COMMENTSVC_` and the field in capitals;
its metadata says what it means, and `commentsvc config` prints it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from commentsvc.backends import read_database_url, read_redis_url, read_replica_url, sqlite_name
from commentsvc.errors import BadSetting
from commentsvc.log import LEVELS
from commentsvc.model import ModerationMode
from commentsvc.origins import origin_of
from commentsvc.settings.hosts import LOOPBACK_NAMES, is_loopback, is_private
from commentsvc.settings.mail import (
    SmtpServer,
    read_bounce_address,
    read_helo,
    read_mail_address,
    read_smtp_url,
)
from commentsvc.settings.values import (
    number,
    one_of,
    read_address_keys,
    read_base_url,
    read_bool,
    read_file,
    read_folder,
    read_host,
    read_hub,
    read_limits,
    read_mode,
    read_networks,
    read_notify_urls,
    read_origins,
    read_privacy_page,
    read_secret,
    read_security_txt,
    read_token,
    shown,
)
from commentsvc.unicode_text import is_line, trimmed

PREFIX = "COMMENTSVC_"


def _setting(
    read: Callable[[str], Any],
    means: str,
    *,
    default: Any = None,
    secret: bool = False,
    lines: bool = False,
    of_node: bool = False,
) -> Any:
    """A setting.

    :param secret: it is never printed.
    :param lines: its value may have several lines, broken between parts of a list.
    :param of_node: nodes may differ in it, as no public answer shows it.
    """
    metadata = {"read": read, "means": means, "secret": secret, "lines": lines, "of_node": of_node}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, typed and valid. Times are in seconds, sizes in characters unless said."""

    data_dir: Path = _setting(
        read_folder, "folder of the database and the keys", default=Path("data"), of_node=True
    )
    database_url: str | None = _setting(
        read_database_url,
        "SQLAlchemy URL of the database; a file's relative path begins in DATA_DIR; comments.db there if unset",
        secret=True,
    )
    database_timeout: int = _setting(
        number(1, 600),
        "seconds that a request waits for a connection and for a statement; a start, for a connection",
        default=2,
        of_node=True,
    )
    stale_seconds: int = _setting(
        number(0, 86_400),
        "seconds for which kept answers go on while the database is out, removals unseen; 0: not at all",
        default=60,
        of_node=True,
    )
    database_replica_url: str | None = _setting(
        read_replica_url,
        "SQLAlchemy URL of a streaming replica of DATABASE_URL's PostgreSQL, which takes reads off it",
        secret=True,
        of_node=True,
    )
    shared_max_age: int = _setting(
        number(0, 86_400),
        "seconds for which shared caches may give an answer unasked, removals unseen; 0: not at all",
        default=0,
    )
    redis_url: str | None = _setting(
        read_redis_url, "Redis that many nodes share for rate limits", secret=True
    )
    secret_key: str | None = _setting(
        read_secret,
        "signs tokens and keys; made at first start and kept in DATA_DIR if unset; a comma list, newest first",
        secret=True,
        lines=True,
    )
    address_keys: str | None = _setting(
        read_address_keys,
        "NAME:KEY, …: seal e-mail addresses; made at first start and kept in DATA_DIR if unset",
        secret=True,
        lines=True,
    )
    base_url: str = _setting(
        read_base_url,
        "the address under which readers reach this service; may have a path",
        default="http://127.0.0.1:5000",
    )
    allow_http: bool = _setting(
        read_bool,
        "true: a public BASE_URL of http is meant, though all can be read on its way",
        default=False,
    )
    trusted_proxies: int = _setting(
        number(0, 10), "how many proxies stand in front and set X-Forwarded-For", default=0, of_node=True
    )
    moderation: ModerationMode = _setting(
        read_mode,
        "who waits for a moderator: none, first (until one comment of the same author was approved), all",
        default=ModerationMode.FIRST,
    )
    edit_window: int = _setting(
        number(0, 86_400), "seconds in which a guest may edit or delete a comment", default=900
    )
    form_min_seconds: int = _setting(
        number(0, 60), "a form sent sooner than this many seconds is taken for a machine's", default=2
    )
    rate_limit_post: str = _setting(
        read_limits, "comments a client may make", default="5 per minute; 40 per hour; 200 per day"
    )
    rate_limit_read: str = _setting(
        read_limits,
        "forms, moderation, rendered reads and all else of a client that has no limit of its own",
        default="600 per minute",
    )
    rate_limit_render: str = _setting(
        read_limits,
        "previews, posts and edits of a client, each counted once for every 20 ms that it took to render",
        default="60 per minute",
    )
    rate_limit_sign_in: str = _setting(
        read_limits, "attempts to sign in, per client and per account", default="10 per minute"
    )
    rate_limit_threads: str = _setting(
        read_limits,
        "new threads of a site that guests may begin, all of them together",
        default="600 per hour",
    )
    rate_limit_report: str = _setting(
        read_limits, "reports of comments that a client may send", default="5 per hour"
    )
    pending_limit: int = _setting(
        number(1, 100_000),
        "comments that may wait at a site; guests' further ones are 503",
        default=10_000,
    )
    session_idle: int = _setting(
        number(1, 31_536_000), "seconds without use after which a moderator is signed out", default=12 * 3600
    )
    session_lifetime: int = _setting(
        number(1, 31_536_000),
        "seconds after which a moderator signs in again in any case",
        default=7 * 86_400,
    )
    retain_log: int | None = _setting(
        number(1, 36_500), "days after which entries of the audit log go; none if unset"
    )
    retain_emails: int | None = _setting(
        number(1, 36_500),
        "days after which the e-mail addresses of comments and closed reports go; none if unset",
    )
    retain_spam: int | None = _setting(
        number(1, 36_500), "days after which comments in spam are purged; none if unset"
    )
    retain_trash: int | None = _setting(
        number(1, 36_500), "days after which comments in the trash are purged; none if unset"
    )
    retain_networks: int = _setting(
        number(0, 36_500),
        "days for which moderators see from which /24 (IPv4) or /48 (IPv6) a guest's comment came; 0: not kept",
        default=0,
    )
    max_text: int = _setting(number(100, 100_000), "characters a comment may have", default=10_000)
    max_depth: int = _setting(number(1, 20), "levels of replies, for comments posted from now on", default=6)
    origins: tuple[str, ...] = _setting(
        read_origins, "comma list of origins whose pages may post to the default site", default=(), lines=True
    )
    privacy_url: str | None = _setting(read_privacy_page, "the privacy page that the form links to")

    smtp_url: SmtpServer | None = _setting(
        read_smtp_url,
        "smtp[s]://USER:PASSWORD@HOST:PORT, the server that takes our mail; no mail if unset",
        secret=True,
    )
    mail_from: str | None = _setting(
        read_mail_address, "the bare address that mail comes from; required with SMTP_URL"
    )
    mail_bounces: str | None = _setting(
        read_bounce_address,
        "the address to which bounces go, “+” and a token before its @; MAIL_FROM, without a token, if unset",
        of_node=True,
    )
    mail_helo: str | None = _setting(
        read_helo,
        "the name with which the mail server is greeted; the domain of MAIL_FROM if unset",
        of_node=True,
    )
    mail_per_hour: int = _setting(
        number(1, 10**9), "mails an hour, all together; what is beyond waits", default=1000, of_node=True
    )
    mail_per_address: int = _setting(
        number(1, 10**9), "mails an hour to one address; what is beyond waits", default=20, of_node=True
    )
    mail_retry: int = _setting(
        number(1, 31_536_000),
        "seconds until a message that was not delivered is tried again; doubled each time, up to 4 hours",
        default=60,
        of_node=True,
    )
    mail_gather: int = _setting(
        number(1, 31_536_000),
        "seconds after a mail about an answer in which further answers are gathered for the next one",
        default=3600,
        of_node=True,
    )
    outbox_give_up: int = _setting(
        number(1, 31_536_000),
        "seconds after which a message that could not be delivered is given up",
        default=172_800,
        of_node=True,
    )

    security_txt: str | None = _setting(
        read_security_txt, "text or file of /.well-known/security.txt: whom to tell of a weakness", lines=True
    )
    cache_bytes: int = _setting(
        number(0, 2**40),
        "bytes in which each process keeps answers that it rendered; 0 renders each again",
        default=64 * 2**20,
        of_node=True,
    )
    events_limit: int = _setting(
        number(1, 1_000_000),
        "streams of events that all processes of a node have open; further ones are 503",
        default=5000,
        of_node=True,
    )
    events_per_client: int = _setting(
        number(1, 1_000_000),
        "streams of events that a client has open at each process; further ones are 429",
        default=20,
        of_node=True,
    )
    jobs: str = _setting(
        one_of("serve", "worker"),
        "who runs jobs: serve, in a thread of each process, and workers; or worker, “commentsvc worker” alone",
        default="serve",
        of_node=True,
    )
    outbound_allow: tuple[IPv4Network | IPv6Network, ...] = _setting(
        read_networks,
        "networks that the service may call for webhooks, chat and WebSub besides public ones",
        default=(),
        lines=True,
        of_node=True,
    )
    notify_urls: tuple[str, ...] = _setting(
        read_notify_urls,
        "Apprise addresses of chats, separated by blanks, that are told of what waits and what is reported",
        default=(),
        secret=True,
        lines=True,
        of_node=True,
    )
    websub_hub: str | None = _setting(
        read_hub, "WebSub hub that feeds name, and that is told when they change"
    )
    metrics_port: int | None = _setting(
        number(1, 65_535),
        "port on which Prometheus reads /metrics, of METRICS_HOST; none if unset",
        of_node=True,
    )
    metrics_host: str = _setting(
        read_host, "address that METRICS_PORT listens on; there nobody is asked for a token", default="127.0.0.1",
        of_node=True,
    )  # fmt: skip
    metrics_token: str | None = _setting(
        read_token,
        "with it as a bearer token /metrics can be read on the service's own port",
        secret=True,
        of_node=True,
    )
    log_level: str = _setting(
        one_of(*LEVELS), f"the least that is logged: {', '.join(LEVELS)}", default="info", of_node=True
    )
    log_file: Path | None = _setting(
        read_file, "file of the log; standard error if unset. It may be moved away at any time", of_node=True
    )
    log_access: bool = _setting(
        read_bool, "whether each request has a line in the log", default=True, of_node=True
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings from *environ*; an empty value counts as unset.

        :raises BadSetting: one is wrong, or no setting has that name.
        """
        chosen = {PREFIX + "DATA_DIR": "data"} | _ours(environ)
        settings_by_name = {PREFIX + setting.name.upper(): setting for setting in fields(cls)}
        values: dict[str, Any] = {}
        for name, raw in chosen.items():
            if name not in settings_by_name:
                raise BadSetting(f"Unknown setting {shown(name)}; “commentsvc config” lists all.")
            setting = settings_by_name[name]
            try:
                values[setting.name] = setting.metadata["read"](raw)
                if not is_line(re.sub(r"[\r\n\t]", "", raw) if setting.metadata["lines"] else raw):
                    raise ValueError("text in UTF-8 without control characters")
            except ValueError as wrong:
                value = "" if setting.metadata["secret"] or "@" in raw else f"=“{shown(raw)}”"
                raise BadSetting(f"Invalid {name}{value}: expected {wrong}.") from None
        settings = cls(**values)
        _refuse_former_folder(environ.get(PREFIX + "DATA_DIR", ""), settings.data_dir)
        if settings.is_public_http() and not settings.allow_http:
            raise BadSetting(
                f"Invalid {PREFIX}BASE_URL=“{settings.base_url}”: expected an https:// address, since e-mail addresses "
                f"and passwords would travel unencrypted. If that is meant, set {PREFIX}ALLOW_HTTP=true."
            )
        if settings.smtp_url is not None and settings.mail_from is None:
            raise BadSetting(
                f"{PREFIX}SMTP_URL is set, and {PREFIX}MAIL_FROM is not: set it to the address that mail is to come "
                "from, such as comments@blog.example."
            )
        return settings

    def database_file(self) -> Path | None:
        """The file of SQLite's database; None where the database is another."""
        if self.database_url is None:
            return self.data_dir / "comments.db"
        name = sqlite_name(self.database_url)
        return None if name is None else Path(os.path.normpath(self.data_dir / name))

    def is_public_http(self) -> bool:
        """Whether `base_url` is reached without encryption by more than a private network."""
        parts = urlsplit(self.base_url)
        return parts.scheme == "http" and not is_private(parts.hostname or "")

    def own_origins(self) -> tuple[str, ...]:
        """The service's own origins; on loopback all three names of it are the same service."""
        return _own_origins(self.base_url)

    def base_origin(self) -> str:
        """The origin of `base_url`."""
        parts = urlsplit(self.base_url)
        return origin_of(parts.scheme, parts.hostname or "", parts.port)

    def base_path(self) -> str:
        """The path of `base_url`, without a slash at its end; empty at the root of a host."""
        return urlsplit(self.base_url).path.rstrip("/")


def is_chosen(environ: Mapping[str, str], name: str) -> bool:
    """Whether the setting *name*, without `PREFIX`, has a value in *environ*; blanks are none."""
    return bool(trimmed(environ.get(PREFIX + name, "")))


def _ours(environ: Mapping[str, str]) -> dict[str, str]:
    """The settings of *environ* that have a value, each without the blanks and line ends that a file leaves around it.

    :raises BadSetting: a name has something invisible around it, as the mark at the beginning of a file.
    """
    ours = {}
    for name, value in environ.items():
        if trimmed(name) != name and trimmed(name).startswith(PREFIX):
            raise BadSetting(
                f"{trimmed(name)} has something invisible around its name, such as the byte order mark at the "
                "beginning of a file: save the file without it."
            )
        if name.startswith(PREFIX) and (raw := trimmed(value)):
            ours[name] = raw
    return ours


def _refuse_former_folder(raw: str, folder: Path) -> None:
    """Refuse to begin a new *folder* where an earlier version took the blanks around *raw* for a part of its name.

    :raises BadSetting: that folder is there; the text says how to rename it.
    """
    former = Path(raw)
    if raw != trimmed(raw) and not os.path.exists(folder) and os.path.isdir(former):
        raise BadSetting(
            f"The folder {folder} is not there, but {shown(str(former))} is: an earlier version took the blanks "
            f"or line ends around {PREFIX}DATA_DIR for a part of the name. Stop what runs on it, and rename it."
        )


@lru_cache(maxsize=8)  # every request asks
def _own_origins(base_url: str) -> tuple[str, ...]:
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    names = sorted(LOOPBACK_NAMES) if is_loopback(host) else [host]
    return tuple(origin_of(parts.scheme, name, parts.port) for name in names)
