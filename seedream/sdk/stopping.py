"""What to say of a job that somebody has stopped waiting for."""

from __future__ import annotations

from seedream import texts
from seedream.errors import SeedreamError
from seedream.jobs.job import Record

TAKE_UP = "python -m seedream --resume {request_id}"


def how_it_ends(record: Record | None, *, sample: bool, language: str) -> list[str]:
    """Return sentences: whether the job is cancelled, or goes on, and how it is taken up again.

    Args:
        record: what was heard last; None where nothing was submitted.
        sample: whether it was the stand-in's.
        language: of the sentences.
    """
    if record is None:
        return []
    if record.request_id is None:
        # No answer came: it may have been accepted.
        error = SeedreamError(record.error.code, detail=record.error.detail) if record.error else None
        return [texts.sentence(error or SeedreamError("submission_unknown"), language, speaker="command")]
    if record.status == "cancelled":
        return [texts.text("error.job_cancelled", language)]
    if sample:
        return [texts.text("command.sample_ends", language)]
    return [texts.text(_going_on(record), language), take_up(record.request_id, language)]


def take_up(request_id: str, language: str) -> str:
    """Return a sentence with the command that takes a job up again."""
    return texts.text("command.take_up", language, command=TAKE_UP.format(request_id=request_id))


def _going_on(record: Record) -> str:
    if record.status == "completed":
        return "command.is_made"
    return "command.perhaps_goes_on" if record.error or record.status == "in_queue" else "command.goes_on"
