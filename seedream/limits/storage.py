"""The moving windows of the library `limits`, with the one thing that they lack: giving back.

An entry of a window is its time stamp, so giving back removes entries of that stamp from the library's own
list. Entries of one stamp are alike: it does not matter whose is removed, and one that ran out meanwhile is
nobody else's. (Removing the newest or the oldest instead would cut another job's lease short, or renew a dead
one's for ever; and the library's `clear` knows whole windows only.) Each operation is atomic, in memory under
a lock, in Redis as one script: the library's for taking, the one below for giving back.

`limits.storage` with threads around it rather than `limits.aio`: that one's connections belong to the event
loop that opened them, and its memory storage sends each key's expiry through a thread of its own.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage

# A visitor waits for this before anything is sent. Redis answers within milliseconds, or is away.
REDIS_SECONDS = 2

# Stamps are compared as numbers: how Redis writes one down differs between its versions.
_GIVE_BACK = b"""
local owed = tonumber(ARGV[2])
for _, entry in ipairs(redis.call('lrange', KEYS[1], 0, -1)) do
    if owed > 0 and tonumber(entry) == tonumber(ARGV[1]) then
        owed = owed - redis.call('lrem', KEYS[1], 1, entry)
    end
end
"""


@dataclass(frozen=True)
class Take:
    """Entries taken from one window at one time, `stamp`, in seconds since the epoch."""

    key: str
    amount: int
    stamp: float


class MemoryLimitsStorage:
    """Windows in memory. `errors` are those that say that a storage is out of reach: here, none."""

    def __init__(self) -> None:
        self.library = MemoryStorage()
        self.errors: tuple[type[Exception], ...] = ()
        # The library's own locks, one a key, keep its expiring thread out; this one keeps our threads apart.
        self._lock = threading.Lock()

    def take(self, item: RateLimitItem, visitor: str, amount: int) -> Take | None:
        """Take so many entries, or none and return None where they don't all fit."""
        key = item.key_for(visitor)
        with self._lock:
            # The library empties a window that ran out, but never forgets its key: one a visitor, for ever.
            for idle in [name for name, entries in list(self.library.events.items()) if not entries]:
                del self.library.events[idle]
            if not self.library.acquire_entry(key, item.amount, item.get_expiry(), amount):
                return None
            return Take(key, amount, self.library.events[key][0].atime)

    def give_back(self, take: Take) -> None:
        """Remove a take's entries. Twice is twice: entries of one stamp are alike."""
        with self._lock, self.library.locks[take.key]:
            entries = self.library.events.get(take.key, [])
            for entry in [entry for entry in entries if entry.atime == take.stamp][: take.amount]:
                entries.remove(entry)

    def free_at(self, item: RateLimitItem, visitor: str, amount: int) -> float:
        """Return when so many entries, which do not fit now, will; in seconds since the epoch."""
        entries = self.library.events.get(item.key_for(visitor), [])
        # Newest first. It may have run out since the take was refused.
        awaited = entries[item.amount - amount : item.amount - amount + 1]
        return awaited[0].expiry if awaited else time.time()


class RedisLimitsStorage:
    """Windows in Redis."""

    def __init__(self, url: str) -> None:
        self.library = RedisStorage(
            url,
            key_prefix="seedream",
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
        )
        raised = self.library.base_exceptions
        self.errors = raised if isinstance(raised, tuple) else (raised,)
        self.connection = self.library.get_connection()
        self._give_back = self.connection.register_script(_GIVE_BACK)

    def take(self, item: RateLimitItem, visitor: str, amount: int) -> Take | None:
        key = self.library.prefixed_key(item.key_for(visitor))
        # As the library's `acquire_entry` does, which keeps the stamp to itself.
        stamp = time.time()
        taken = self.library.lua_acquire_moving_window([key], [stamp, item.amount, item.get_expiry(), amount])
        return Take(key, amount, stamp) if taken else None

    def give_back(self, take: Take) -> None:
        self._give_back([take.key], [take.stamp, take.amount])

    def free_at(self, item: RateLimitItem, visitor: str, amount: int) -> float:
        # The oldest of the newest so many: the one that has to run out first.
        newest = item.amount - amount + 1
        key = item.key_for(visitor)
        return self.library.get_moving_window(key, newest, item.get_expiry())[0] + item.get_expiry()


LimitsStorage = MemoryLimitsStorage | RedisLimitsStorage


def open_storage(storage_url: str) -> LimitsStorage:
    """Open `memory://` or a Redis. The latter need not be there yet.

    Raises:
        ValueError: the URL is of another kind. The text does not repeat it: it may hold a password.
    """
    scheme = storage_url.partition("://")[0]
    if scheme in MemoryStorage.STORAGE_SCHEME:
        return MemoryLimitsStorage()
    if scheme in RedisStorage.STORAGE_SCHEME:
        return RedisLimitsStorage(storage_url)
    raise ValueError("the limits' storage is neither memory:// nor a Redis such as redis://127.0.0.1:6379/0")
