"""What the Model API answers, as typed values: read leniently, refused clearly.

The shapes come from the model's API page and RunComfy's public docs. A field that is missing or odd becomes
None, never a guess: a missing price is unknown, not free.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import urlsplit

from seedream.errors import Code, SeedreamError

State = Literal["in_queue", "in_progress", "completed", "cancelled", "failed"]

# The page names four; RunComfy's own clients meet the others.
_STATES: Mapping[str, State] = {
    "in_queue": "in_queue",
    "queued": "in_queue",
    "pending": "in_queue",
    "waiting": "in_queue",
    "in_progress": "in_progress",
    "starting": "in_progress",
    "processing": "in_progress",
    "completed": "completed",
    "succeeded": "completed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "failed": "failed",
}
ENDS: frozenset[State] = frozenset({"completed", "cancelled", "failed"})
"""The states after which nothing more happens to a job."""
_CODES: Mapping[int, Code] = {
    400001: "identifier_refused",
    400002: "no_credit",
    400004: "token_refused",
    403001: "not_permitted",
    404001: "not_found",
}
_HTTP_CODES: Mapping[int, Code] = {
    401: "token_refused",
    402: "no_credit",
    403: "not_permitted",
    404: "not_found",
    408: "service_trouble",
    422: "input_refused",
    429: "too_many_requests",
}
_VIDEO_ENDINGS = frozenset({".mp4", ".webm", ".mov", ".m4v"})


@dataclass(frozen=True)
class Output:
    """One file that a job returned: its URL as the API named it, what it is, and the job's request ID.

    By the last, jobs take turns where many files are wanted at once; it makes no other file of it.
    """

    url: str
    kind: Literal["image", "video"]
    job: str = field(default="", compare=False)


@dataclass(frozen=True)
class Status:
    """Where a job is. `queue_position` counts from 1 for the next in line; None where it is not told."""

    state: State
    queue_position: int | None = None


@dataclass(frozen=True)
class Result:
    """What `/result` answers, before and after the end. `cost_usd` is in US dollars; times are ISO 8601."""

    status: Status
    outputs: tuple[Output, ...] = ()
    cost_usd: float | None = None
    created_at: str | None = None
    finished_at: str | None = None
    reason: str | None = None


def state(name: object) -> State:
    """Read a state's name. One never seen before means that the job is still going on."""
    return _STATES.get(str(name).strip().lower(), "in_progress")


def status(body: Mapping[str, Any]) -> Status:
    position = body.get("queue_position")
    known = isinstance(position, int) and not isinstance(position, bool) and position >= 0
    return Status(state(body.get("status")), position if known else None)


def result(body: Mapping[str, Any]) -> Result:
    return Result(
        status=status(body),
        outputs=outputs(body.get("output")),
        cost_usd=dollars(body.get("cost")),
        created_at=_text(body.get("created_at")),
        finished_at=_text(body.get("finished_at")),
        reason=_words(body.get("error")),
    )


def outputs(output: object) -> tuple[Output, ...]:
    """Read every shape that an output has: the schema's four fields, one URL, or a list of URLs.

    No URL comes twice, and the order of a sequence is kept, also where `image` repeats one of `images`.
    """
    if not isinstance(output, Mapping):
        found = [Output(url, _kind(url)) for url in _urls(output)]
    else:
        images, videos = list(_urls(output.get("images"))), list(_urls(output.get("videos")))
        found = [Output(url, "image") for url in _first(output.get("image"), images)]
        found += [Output(url, "video") for url in _first(output.get("video"), videos)]
    return tuple({each.url: each for each in found}.values())


def dollars(value: object) -> float | None:
    """Return an amount of US dollars, or None where there is none that makes sense."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        usd = float(value)
    except OverflowError:
        return None
    return usd if math.isfinite(usd) and usd >= 0 else None


def refusal(http_status: int, body: object, *, retry_after: float | None = None) -> SeedreamError | None:
    """Return the error that an answer stands for, or None where it is a good one.

    Args:
        http_status: the HTTP status code.
        body: the decoded JSON, or None where it could not be read.
        retry_after: seconds, from the header of the same name.
    """
    fields = body if isinstance(body, Mapping) else {}
    number = fields.get("error_code")
    # Some services write 0 or an empty text where there is no error.
    if http_status < 400 and not number:
        return None
    detail = _words(fields.get("error_message") or fields.get("message") or fields.get("detail"))
    code = _CODES.get(_integer(number)) or _HTTP_CODES.get(http_status)
    # The codes begin with the HTTP status that they stand for.
    if http_status >= 500 or (code is None and _integer(number) // 100_000 == 5):
        code = "service_trouble"
    code = code or "refused"
    return SeedreamError(code, detail=detail, retry_after=retry_after)


def _integer(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0


def _first(one: object, many: list[str]) -> list[str]:
    return many if one in many else [*_urls(one), *many]


def _urls(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.strip():
        yield value.strip()
    elif isinstance(value, list):
        for item in value:
            yield from _urls(item)


def _kind(url: str) -> Literal["image", "video"]:
    try:
        path = urlsplit(url).path
    except ValueError:
        return "image"
    return "video" if PurePosixPath(path).suffix.lower() in _VIDEO_ENDINGS else "image"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _words(value: object) -> str | None:
    """Return what the service said, in at most 500 characters, whatever shape it came in."""
    if isinstance(value, list) and value:
        return "; ".join(filter(None, map(_words, value)))[:500] or None
    if isinstance(value, Mapping):
        said = _words(value.get("message") or value.get("error_message") or value.get("msg"))
        place = value.get("loc")
        field = str(place[-1]) if isinstance(place, list) and place else None
        return f"{field}: {said}" if field and said else said
    return value[:500] if isinstance(value, str) and value.strip() else None
