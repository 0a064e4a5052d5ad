"""What a person at a terminal sees of a job: one line that tells where it is. Elsewhere, its request ID alone."""

from __future__ import annotations

import math
import os
import time
import unicodedata
from typing import TextIO

from seedream import texts
from seedream.cli.output import say
from seedream.jobs.record import Record
from seedream.sdk.results import Generation

_BAR_CELLS = 16
_USUAL_COLUMNS = 80


class Progress:
    """Hears of a job, and keeps its last record.

    Args:
        to: where it is shown; the line only where that is a terminal.
        language: of the sentences.
        samples: whether the stand-in makes them; a sample's request ID is not worth telling.
    """

    def __init__(self, to: TextIO, language: str, *, samples: bool) -> None:
        self._to = to
        self._language = language
        self._samples = samples
        self._lively = to.isatty() and os.environ.get("TERM") != "dumb"
        self._began = self._drawing_since = time.monotonic()
        self._stopping = False
        self.record: Record | None = None

    def hear(self, record: Record) -> None:
        """Take in a change of state."""
        if self.record is None and self._samples:
            self.say(self._text("command.samples"))
        before = self.record.request_id if self.record else None
        if record.status == "in_progress" and (self.record is None or self.record.status != "in_progress"):
            self._drawing_since = time.monotonic()
        self.record = record
        if record.request_id and record.request_id != before and not self._samples:
            # First of all: with it, a paid job is never lost.
            self.say(self._text("command.request_id", request_id=record.request_id))
        self.draw()

    def draw(self) -> None:
        """Draw the line anew."""
        if not self._lively or self._stopping or self.record is None or self.record.error:
            return
        seconds = self._text("job.elapsed", seconds=round(time.monotonic() - self._began))
        line = f"{self._bar(self.record)} {self._words(self.record)} {seconds}"
        self._write(f"\r{_cut(line, self._columns() - 1)}\x1b[K")

    def stopping(self) -> None:
        """Say that Ctrl-C was heard."""
        submitting = self.record is not None and self.record.request_id is None
        self.say(self._text("command.stopping_submission" if submitting else "command.stopping"))
        self._stopping = True

    def done(self, generation: Generation) -> None:
        """Say at the terminal what came of it."""
        if not self._lively:
            return
        said = [] if generation.missing else [self._text("command.saved")]
        if generation.cost_usd and not generation.sample:
            said.append(self._text("command.cost", cost=f"{generation.cost_usd:.4f}".rstrip("0").rstrip(".")))
        if said:
            self.say(" ".join(said))

    def say(self, sentence: str) -> None:
        """Print a sentence, in place of the line."""
        self.clear()
        self._write(f"{sentence}\n")

    def clear(self) -> None:
        """Take the line away."""
        if self._lively:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        say(self._to, text)

    def _columns(self) -> int:
        # Of this very stream: standard output may be a pipe, or another terminal.
        try:
            return os.get_terminal_size(self._to.fileno()).columns or _USUAL_COLUMNS
        except OSError:
            return _USUAL_COLUMNS

    def _text(self, key: str, **facts: object) -> str:
        return texts.text(key, self._language, **facts)

    def _words(self, record: Record) -> str:
        if record.status == "completed":
            return self._text("command.fetching")
        if record.status == "in_queue" and record.queue_position is not None:
            if record.queue_position <= 1:
                return self._text("state.in_queue_next")
            return self._text("state.in_queue_at", position=record.queue_position)
        said = self._text(f"state.{record.status}")
        if record.status == "in_progress" and record.usually:
            low, high = record.usually
            said = f"{said} {self._text('state.usually', low=low, high=high)}"
        return said

    def _bar(self, record: Record) -> str:
        full, empty = ("█", "░") if self._can_show("█░") else ("#", "-")
        cells = round(self._share(record) * _BAR_CELLS)
        return full * cells + empty * (_BAR_CELLS - cells)

    def _share(self, record: Record) -> float:
        """Return how far drawing is, from 0 to 1, as on the page (static/job/status-text.js).

        It nears the end and never claims it: four fifths, when it usually is done.
        """
        if record.status == "completed":
            return 1.0
        if record.status != "in_progress" or not record.usually:
            return 0.0
        share = (time.monotonic() - self._drawing_since) / (sum(record.usually) / 2)
        return 1 - math.exp(-1.6 * share)

    def _can_show(self, text: str) -> bool:
        try:
            text.encode(self._to.encoding or "ascii")
        except UnicodeEncodeError:
            return False
        return True


def _cut(line: str, columns: int) -> str:
    """Return as much of a line as fits into so many columns; Chinese and Japanese letters take two each."""
    width = 0
    for place, letter in enumerate(line):
        width += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if width > columns:
            return line[:place]
    return line
