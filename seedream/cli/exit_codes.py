"""Which exit code an error has. 75 never means "send it again": that may cost twice."""

from __future__ import annotations

from collections.abc import Mapping

from seedream.cli.exits import Exit
from seedream.errors import Code, SeedreamError

ALL = tuple(code for code in Exit if code != Exit.NOINPUT)
"""Those that `python -m seedream` may end with."""

_CODES: Mapping[Code, Exit] = {
    "prompt_empty": Exit.DATAERR,
    "value_unfit": Exit.DATAERR,
    "field_unknown": Exit.DATAERR,
    "request_id_unfit": Exit.DATAERR,
    "input_refused": Exit.DATAERR,
    "identifier_refused": Exit.DATAERR,
    "not_found": Exit.DATAERR,
    "no_credit": Exit.NOPERM,
    "token_refused": Exit.NOPERM,
    "not_permitted": Exit.NOPERM,
    "refused": Exit.UNAVAILABLE,
    "too_many_requests": Exit.UNAVAILABLE,
    "service_unreachable": Exit.UNAVAILABLE,
    "job_failed": Exit.UNAVAILABLE,
    "job_cancelled": Exit.UNAVAILABLE,
    "folder_unfit": Exit.CANTCREAT,
    "file_not_saved": Exit.CANTCREAT,
    "internal": Exit.SOFTWARE,
}


def code_of(error: SeedreamError) -> Exit:
    """Return the exit code of an error. What it does not name leaves open what became of a submitted job."""
    return _CODES.get(error.code, Exit.TEMPFAIL)
