"""Moving windows in Redis, as the library `limits` keeps them; all that a request counts as is one script."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from limits.storage import RedisStorage

from commentsvc.rate_limits.windows import Hit

# A window is a list of times, the newest first, as long as its limit. In it is room for n more if the one at
# limit - n is too old to count.
_COUNT_ALL = """
local now, argument, key = tonumber(ARGV[1]), 1, 0

local function next_number()
    argument = argument + 1
    return tonumber(ARGV[argument])
end

local function has_room(windows, amount)
    for _, window in ipairs(windows) do
        if amount > window.limit then
            return false
        end
        local time = amount > 0 and redis.call('lindex', window.key, window.limit - amount)
        if time and tonumber(time) >= now - window.seconds then
            return false
        end
    end
    return true
end

for place = 0, next_number() - 1 do
    local amount, more, windows = next_number(), next_number(), {}
    for number = 1, next_number() do
        key = key + 1
        windows[number] = {key = KEYS[key], limit = next_number(), seconds = next_number()}
    end
    if not has_room(windows, amount) then
        return place
    end
    while more > 0 and not has_room(windows, amount + more) do
        more = more - 1
    end
    for _, window in ipairs(windows) do
        for _ = amount, -1 do
            redis.call('lpop', window.key)
        end
        for _ = 1, amount + more do
            redis.call('lpush', window.key, ARGV[1])
        end
        redis.call('ltrim', window.key, 0, window.limit - 1)
        redis.call('expire', window.key, window.seconds)
    end
end
return -1
"""


class RedisMovingWindow:
    """What `RateLimiter` asks of a storage, of one of Redis's."""

    def __init__(self, storage: RedisStorage) -> None:
        """Make the script known; nothing is asked of Redis yet."""
        self._storage = storage
        self._count_all: Any = storage.get_connection().register_script(_COUNT_ALL.encode())
        self.base_exceptions = storage.base_exceptions

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count, unless that would be too many."""
        return self._storage.acquire_entry(_tagged(key), limit, expiry, amount)

    def acquire_all(self, hits: Sequence[Hit]) -> Hit | None:
        """Count *hits* in one script, and give the first for which there is no room, where counting ends."""
        keys = [self._storage.prefixed_key(_tagged(window.key)) for hit in hits for window in hit.windows]
        place = self._count_all(keys, [repr(time.time()), len(hits), *_numbers(hits)])
        return hits[place] if place >= 0 else None

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest hit was made, and how many there are."""
        return self._storage.get_moving_window(_tagged(key), limit, expiry)


def _tagged(key: str) -> str:
    """With a tag by which a cluster keeps all windows on one node, as a script must find them there."""
    return f"{{commentsvc}} {key}"


def _numbers(hits: Sequence[Hit]) -> Iterator[int]:
    """What the script reads of *hits*, in its order."""
    for hit in hits:
        yield from (hit.amount, hit.more, len(hit.windows))
        for window in hit.windows:
            yield from (window.limit, window.seconds)
