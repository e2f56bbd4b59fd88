"""Why Redis cannot be used, in our words: its own may name a user or a host, and do not say what to do."""

from __future__ import annotations

# What its message or the name of its error has in it; the first that is there tells.
REASONS = {
    "AuthenticationError": "the password or the user of REDIS_URL is wrong or missing",
    "NOAUTH": "the password or the user of REDIS_URL is wrong or missing",
    "DB index": "it has no database of the number in REDIS_URL",
    "OutOfMemoryError": "its memory is full (maxmemory), and maxmemory-policy lets nothing go",
    "ReadOnlyError": "it is a replica, which takes no writes",
    "NoPermissionError": "the user of REDIS_URL may not write to LIMITS:* or run scripts (ACL)",
    "executing the script can't run": "the user of REDIS_URL may not write to LIMITS:* or run scripts (ACL)",
    "MISCONF": "it cannot save to its disk, and takes no writes (stop-writes-on-bgsave-error)",
    "NOREPLICAS": "it takes no writes without replicas (min-replicas-to-write)",
    "MasterDownError": "it is a replica without its primary",
    "BusyLoadingError": "it is still reading its data",
    "CERTIFICATE": "its certificate is not one that is trusted",
    "SSL": "it does not speak TLS as REDIS_URL asks (rediss:// is TLS, redis:// is not)",
    "TimeoutError": "it does not answer in time; or rediss:// is said of a port without TLS, or redis:// of one with it",
    "ConnectionError": "it cannot be reached, or it ends the connection",
}


def reason_of(error: BaseException) -> str | None:
    """What is wrong with Redis, None if that is not known, or *error* is of another storage."""
    if not type(error).__module__.startswith("redis."):
        return None
    told = f"{type(error).__name__}: {error}"
    return next((reason for sign, reason in REASONS.items() if sign in told), None)
