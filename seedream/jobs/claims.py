"""Who may submit the job of a key: claimed before the submission leaves, where all see it that could get a copy.

A browser sends a request again by itself when its connection breaks, and the copy may reach another replica. With
a Redis, that replica finds the key claimed, and follows the job that the first one submitted. Without, the claims
are a process's own: a press names the process that it is for (`epoch`), and any other refuses it unread.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import secrets
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from seedream.errors import SeedreamError
from seedream.jobs.record import Record
from seedream.limits.storage import RedisLimitsStorage, open_storage
from seedream.runcomfy.client import SUBMIT_SECONDS

log = logging.getLogger(__name__)
# However many keys are asked about, nobody's claim stands behind them.
_claiming = ThreadPoolExecutor(max_workers=8, thread_name_prefix="claims")
_looking = ThreadPoolExecutor(max_workers=8, thread_name_prefix="claims-of-others")

# How long a claim is remembered, in seconds: beyond the longest watch and the hour that a key is known for.
KEEP_SECONDS = 3 * 60 * 60
# A late copy of a press that was refused must not pay for what its page was told is refused.
_REFUSED_SECONDS = 60
# A process that submits says so again and again. One that stopped saying it is dead.
_ALIVE_SECONDS, _BEAT_SECONDS = 10, 3.0
_LOOK_SECONDS = 0.1
# Beyond what a submission may take, also where its outcome could not be told.
_OUTCOME_SECONDS = 2 * SUBMIT_SECONDS
_ALIVE, _EPOCH = "seedream:alive:", "seedream:epoch"
_SUBMITTING, _ANY = "submitting:", "any"
T = TypeVar("T")

_CLAIM = b"""
local found = redis.call('get', KEYS[1])
if found and found ~= ARGV[1] then return 'taken' end
if ARGV[2] ~= 'any' and redis.call('get', KEYS[2]) ~= ARGV[2] then return 'elsewhere' end
redis.call('set', KEYS[1], ARGV[1], 'EX', ARGV[3])
redis.call('set', KEYS[3], '1', 'EX', ARGV[4])
return 'claimed'
"""


class Claims(Protocol):
    """The keys of a press, each claimed once."""

    async def epoch(self) -> str:
        """Return what names these claims, for as long as they are remembered. Raises `claim_unreachable`."""

    async def claim(self, key: str, epoch: str | None = None, /) -> bool:
        """Claim a key, and tell whether this process may submit; if not, another one did.

        Args:
            key: names the press.
            epoch: the claims that the press was meant for; None for one that was not meant for any.

        Raises:
            SeedreamError: `press_elsewhere`: it was meant for others; `claim_unreachable`. Nothing may be sent.
        """

    async def settle(self, key: str, record: Record, /) -> None:
        """Say how the submission went, to those who have its copies. Never raises."""

    async def refuse(self, key: str, error: SeedreamError, epoch: str | None, /) -> None:
        """Let go of a key for which nothing was sent. Never raises."""

    async def known(self, key: str, /) -> bool:
        """Tell whether another process claimed this key, as far as that can be told."""

    async def outcome(self, key: str, /) -> str:
        """Wait until the process that claimed a key has submitted, and return the request ID.

        Raises:
            SeedreamError: what it was refused for; `submission_unknown` where that process died, or nobody knows.
        """


class OwnClaims:
    """Claims of this process alone. Its registry starts no key twice: left is to refuse others' presses."""

    def __init__(self) -> None:
        self._epoch = secrets.token_hex(16)

    async def epoch(self) -> str:
        return self._epoch

    async def claim(self, _key: str, epoch: str | None = None, /) -> bool:
        if epoch not in (None, self._epoch):
            raise SeedreamError("press_elsewhere")
        return True

    async def settle(self, _key: str, _record: Record, /) -> None:
        pass

    async def refuse(self, _key: str, _error: SeedreamError, _epoch: str | None, /) -> None:
        pass

    async def known(self, _key: str, /) -> bool:
        return False

    async def outcome(self, _key: str, /) -> str:
        raise SeedreamError("submission_unknown")


class SharedClaims:
    """Claims in a Redis that all replicas share. Where it is out of reach, nothing is sent."""

    def __init__(self, storage: RedisLimitsStorage) -> None:
        # The library knows less of it than it is.
        self._redis: Any = storage.connection
        self._errors = storage.errors
        self._claim = self._redis.register_script(_CLAIM)
        self._me = secrets.token_hex(16)
        self._submitting: set[str] = set()
        self._beating: asyncio.Task[None] | None = None

    async def epoch(self) -> str:
        def find() -> str:
            self._redis.set(_EPOCH, secrets.token_hex(16), nx=True)
            return str(self._redis.get(_EPOCH).decode())

        return await self._ask(find)

    async def claim(self, key: str, epoch: str | None = None) -> bool:
        keys = [_name(key), _EPOCH, _ALIVE + self._me]
        # The registry knows nothing of this key: a claim of this very process is one whose answer was lost.
        arguments: list[str | int] = [
            _SUBMITTING + self._me,
            _ANY if epoch is None else epoch,
            KEEP_SECONDS,
            _ALIVE_SECONDS,
        ]
        said = await self._ask(lambda: self._claim(keys, arguments).decode())
        if said == "elsewhere":
            raise SeedreamError("press_elsewhere")
        if said == "claimed":
            self._submitting.add(key)
            if self._beating is None or self._beating.done():
                self._beating = asyncio.create_task(self._beat())
        return bool(said == "claimed")

    async def settle(self, key: str, record: Record) -> None:
        error = record.error or SeedreamError("submission_unknown")
        told = {"request_id": record.request_id, "code": error.code, "detail": error.detail}
        await self._let_go(key, json.dumps(told), KEEP_SECONDS)

    async def refuse(self, key: str, error: SeedreamError, epoch: str | None) -> None:
        # A script may send its key again, a page presses under a new one.
        said = json.dumps({"request_id": None, "code": error.code, "detail": None}) if epoch else None
        await self._let_go(key, said, _REFUSED_SECONDS)

    async def known(self, key: str) -> bool:
        with contextlib.suppress(SeedreamError):
            return bool(await self._ask(lambda: self._redis.exists(_name(key)), _looking))
        return False

    async def outcome(self, key: str) -> str:
        def look() -> tuple[bytes | None, bool]:
            said = self._redis.get(_name(key))
            name = (said or b"").decode()
            alive = name.startswith(_SUBMITTING) and self._redis.exists(_ALIVE + name.removeprefix(_SUBMITTING))
            return said, bool(alive)

        looked, alive = 0, True
        while alive and looked * _LOOK_SECONDS < _OUTCOME_SECONDS:
            looked += 1
            try:
                said, alive = await self._ask(look, _looking)
            except SeedreamError as error:
                raise SeedreamError("submission_unknown") from error
            if alive:
                await asyncio.sleep(_LOOK_SECONDS)
        if said is None or said.decode().startswith(_SUBMITTING):
            raise SeedreamError("submission_unknown")
        told = json.loads(said)
        if told["request_id"] is None:
            raise SeedreamError(told["code"], detail=told["detail"])
        return str(told["request_id"])

    async def _let_go(self, key: str, said: str | None, seconds: int) -> None:
        self._submitting.discard(key)
        with contextlib.suppress(SeedreamError):
            if said is None:
                await self._ask(lambda: self._redis.delete(_name(key)))
            else:
                await self._ask(lambda: self._redis.set(_name(key), said, ex=seconds))

    async def _beat(self) -> None:
        while self._submitting:
            await asyncio.sleep(_BEAT_SECONDS)
            with contextlib.suppress(SeedreamError):
                await self._ask(lambda: self._redis.set(_ALIVE + self._me, "1", ex=_ALIVE_SECONDS))

    async def _ask(self, call: Callable[[], T], threads: Executor = _claiming) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, call)
        except self._errors as error:
            log.warning("It can't be made sure that a press is submitted once: the storage is away (%s)", error)
            raise SeedreamError("claim_unreachable") from error


def open_claims(storage_url: str) -> Claims:
    """Return the claims that are kept where the limits count. Raises ValueError as `open_storage` does."""
    storage = open_storage(storage_url)
    return SharedClaims(storage) if isinstance(storage, RedisLimitsStorage) else OwnClaims()


def _name(key: str) -> str:
    return "seedream:claim:" + hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
