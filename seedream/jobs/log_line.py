"""What the page's owner reads of each job: one line of JSON in the log, at its end. No prompt unasked."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, field

from seedream.jobs.job import JobStatus, Record

log = logging.getLogger(__name__)


@dataclass
class Entry:
    """One job, as it goes on.

    Args:
        prompts: whether the line holds the prompt, which is the visitor's own.
    """

    prompts: bool = False
    _reached: dict[JobStatus, float] = field(default_factory=dict)

    def note(self, record: Record) -> None:
        """Take note of where the job is."""
        self._reached.setdefault(record.status, time.monotonic())

    def close(self, record: Record) -> None:
        """Write the line. Seconds are as this process saw them; null is what it did not see."""
        ended = time.monotonic()
        self._reached.setdefault(record.status, ended)
        drawing = self._reached.get("in_progress")
        line = {
            "request_id": record.request_id,
            "status": record.status,
            "error": record.error and record.error.code,
            "queued_seconds": self._between("in_queue", drawing or ended),
            "drawing_seconds": self._between("in_progress", ended),
            "pictures": len(record.outputs),
            "cost_usd": record.cost_usd,
            **({"prompt": (record.request or {}).get("prompt")} if self.prompts else {}),
        }
        log.info("job %s", json.dumps(line, ensure_ascii=False))

    def _between(self, status: JobStatus, until: float) -> float | None:
        since = self._reached.get(status)
        return None if since is None else round(until - since, 1)
