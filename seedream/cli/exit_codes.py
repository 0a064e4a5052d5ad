"""Exit codes of the commands: those of BSD's sysexits where they have one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from seedream.errors import Code, SeedreamError


class Exit(IntEnum):
    """How a command ended. 75 never means "send it again": that may cost twice."""

    OK = 0
    USAGE = 64
    DATAERR = 65
    NOINPUT = 66
    UNAVAILABLE = 69
    SOFTWARE = 70
    CANTCREAT = 73
    TEMPFAIL = 75
    NOPERM = 77
    CONFIG = 78
    INTERRUPTED = 130


_ERRORS: Mapping[Exit, tuple[Code, ...]] = {
    Exit.DATAERR: (
        "prompt_empty",
        "prompt_too_long",
        "text_damaged",
        "value_unfit",
        "field_unknown",
        "request_id_unfit",
        "input_refused",
        "identifier_refused",
        "not_found",
    ),
    Exit.NOINPUT: ("reference_unreadable",),
    Exit.NOPERM: ("no_credit", "token_refused", "not_permitted"),
    Exit.UNAVAILABLE: ("refused", "too_many_requests", "service_unreachable", "job_failed", "job_cancelled"),
    Exit.CANTCREAT: ("folder_unfit", "file_not_saved"),
    Exit.SOFTWARE: ("internal",),
}


def code_of(error: SeedreamError) -> Exit:
    """Return the exit code of an error. What is not named here leaves open what became of a submitted job."""
    unsure = Exit.DATAERR if error.code.startswith("reference") else Exit.TEMPFAIL
    return next((code for code, errors in _ERRORS.items() if error.code in errors), unsure)
