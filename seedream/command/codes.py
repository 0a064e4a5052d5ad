"""Exit codes, those of BSD's sysexits where they have one. 75 never means "send it again": that may cost twice."""

from __future__ import annotations

from collections.abc import Mapping

from seedream.errors import Code, SeedreamError

OK = 0
USAGE = 64
DATA = 65
UNAVAILABLE = 69
SOFTWARE = 70
CANT_CREATE = 73
TEMPORARY = 75
NO_PERMISSION = 77
CONFIG = 78
INTERRUPTED = 130

ALL = (
    OK,
    USAGE,
    DATA,
    UNAVAILABLE,
    SOFTWARE,
    CANT_CREATE,
    TEMPORARY,
    NO_PERMISSION,
    CONFIG,
    INTERRUPTED,
)

_CODES: Mapping[Code, int] = {
    "prompt_empty": DATA,
    "value_unfit": DATA,
    "field_unknown": DATA,
    "request_id_unfit": DATA,
    "input_refused": DATA,
    "identifier_refused": DATA,
    "not_found": DATA,
    "no_credit": NO_PERMISSION,
    "token_refused": NO_PERMISSION,
    "not_permitted": NO_PERMISSION,
    "refused": UNAVAILABLE,
    "too_many_requests": UNAVAILABLE,
    "service_unreachable": UNAVAILABLE,
    "job_failed": UNAVAILABLE,
    "job_cancelled": UNAVAILABLE,
    "folder_unfit": CANT_CREATE,
    "file_not_saved": CANT_CREATE,
    "internal": SOFTWARE,
}


def code_of(error: SeedreamError) -> int:
    """Return the exit code of an error. What it does not name leaves open what became of a submitted job."""
    return _CODES.get(error.code, TEMPORARY)
