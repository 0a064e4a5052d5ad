"""What is known of a job at one moment, how an answer changes it, and what it is as JSON."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Literal, TypedDict

from seedream import texts
from seedream.errors import SeedreamError, Speaker
from seedream.runcomfy.responses import ENDS, Output, Result, State, Status
from seedream.schema import Request

JobStatus = Literal["submitting", State, "unknown"]


@dataclass(frozen=True)
class Record:
    """All that is known of a job at one moment.

    Attributes:
        model_id: the one that was asked; None where a job was taken up by its request ID, which does not tell it.
        status: `unknown` where a submission's outcome, or a submitted job's state, can't be known.
        request: what was sent; None where a job was taken up by its request ID.
        cost_usd: US dollars as the result names them; None where it names none.
        created_at, finished_at: ISO 8601, as the result names them.
        error: why it has no pictures (yet); never one that was raised, as that holds all that was at hand then.
        usually: how long drawing such a job usually takes, in seconds, from and to.
    """

    model_id: str | None
    status: JobStatus
    request_id: str | None = None
    queue_position: int | None = None
    outputs: tuple[Output, ...] = ()
    cost_usd: float | None = None
    created_at: str | None = None
    finished_at: str | None = None
    request: Request | None = None
    error: SeedreamError | None = None
    usually: tuple[int, int] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of watching it."""
        return self.error is not None or self.status in ENDS or self.status == "unknown"

    @property
    def pictures_to_count(self) -> int | None:
        """How many pictures it made, none where nothing was made; None where nobody knows."""
        if self.status == "completed" and self.error is None:
            return len(self.outputs)
        return 0 if self.status in ("failed", "cancelled") else None


def step(record: Record, answer: Status | Result, *, patient: bool = False) -> Record:
    """Return the record as it is after the service's answer.

    Args:
        record: as it was.
        answer: to `/status`, `/result` or `/cancel`.
        patient: take `completed` without any file as still being drawn: their URLs may come a moment later.
    """
    if isinstance(answer, Status):
        cancelled = SeedreamError("job_cancelled", request_id=record.request_id)
        return replace(
            record,
            status=answer.state,
            queue_position=answer.queue_position,
            error=cancelled if answer.state == "cancelled" else None,
        )
    if patient and lacks_files(answer):
        return replace(record, status="in_progress", queue_position=None)
    return replace(
        record,
        status=answer.status.state,
        queue_position=answer.status.queue_position,
        outputs=answer.outputs,
        cost_usd=answer.cost_usd,
        created_at=answer.created_at,
        finished_at=answer.finished_at,
        error=_error(answer, record.request_id),
    )


def lacks_files(answer: Result) -> bool:
    return answer.status.state == "completed" and not answer.outputs


def stopped(record: Record, error: SeedreamError) -> Record:
    """Return the record of a job that could not be submitted, or can't be watched any longer."""
    status: JobStatus = "failed"
    if error.code == "watch_ended":
        status = record.status
    elif record.request_id is not None or error.code == "submission_unknown":
        # Paid for, perhaps: not being allowed to look is not the same as having failed.
        status = "unknown"
    error = copy(error)
    error.request_id = record.request_id
    return replace(record, status=status, error=error)


def _error(result: Result, request_id: str | None) -> SeedreamError | None:
    if result.status.state == "failed":
        return SeedreamError("job_failed", request_id=request_id, detail=result.reason)
    if result.status.state == "cancelled":
        return SeedreamError("job_cancelled", request_id=request_id, detail=result.reason)
    if lacks_files(result):
        return SeedreamError("no_output", request_id=request_id, detail=result.reason)
    return None


class RecordJson(TypedDict):
    """A job as JSON: what scripts, agents and the command line are told."""

    request_id: str | None
    model_id: str | None
    status: str
    queue_position: int | None
    outputs: list[dict[str, Any]]
    cost_usd: float | None
    created_at: str | None
    finished_at: str | None
    request: Request | None
    error: dict[str, str] | None


def to_json(record: Record, language: str = texts.FALLBACK, speaker: Speaker = "page") -> RecordJson:
    """Return a record as JSON, its error in words."""
    return {
        "request_id": record.request_id,
        "model_id": record.model_id,
        "status": record.status,
        "queue_position": record.queue_position,
        "outputs": [{"url": output.url, "kind": output.kind} for output in record.outputs],
        "cost_usd": record.cost_usd,
        "created_at": record.created_at,
        "finished_at": record.finished_at,
        "request": record.request,
        "error": error_to_json(record.error, language, speaker) if record.error else None,
    }


def error_to_json(error: SeedreamError, language: str, speaker: Speaker = "page") -> dict[str, str]:
    return {"code": error.code, "message": error.sentence(language, speaker)}
