"""A log that no visitor can fill: of a warning or an error that comes again and again there is a line a minute."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from time import monotonic

# What this program itself says names a job, a key or an address: so many different lines of one place are news.
_DIFFERENT = 20
_MOST_COMPARED = 500


@dataclass
class _Place:
    """A place in the code that warns, and what it said since."""

    logger: str
    level: int
    said: str
    since: float
    lines: Counter[str] = field(default_factory=Counter)
    held: int = 0


class RepeatedLines(logging.Filter):
    """Lets the first through, and says once in `seconds` how many more there were. It touches no `INFO`.

    The same is what the same place says of a fault at the same place, whatever its words.
    """

    def __init__(self, seconds: float = 60.0) -> None:
        super().__init__()
        self._seconds = seconds
        self._places: dict[Hashable, _Place] = {}
        self._lock = threading.Lock()
        self._counting = False

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING or hasattr(record, "more"):
            return True
        now, line, kind = monotonic(), record.getMessage()[:_MOST_COMPARED], _kind(record)
        own = record.name.split(".")[0] == "seedream"
        with self._lock:
            place = self._places.get(kind)
            if place is None or (not place.held and now - place.since >= self._seconds):
                place = self._places[kind] = _Place(record.name, record.levelno, line, now)
            news = line not in place.lines and len(place.lines) < (_DIFFERENT if own else 1)
            if news or line in place.lines:
                place.lines[line] += 1
            place.held += not news
            if place.held and not self._counting:
                self._counting = True
                timer = threading.Timer(self._seconds, self.tell)
                timer.daemon = True
                timer.start()
        return news

    def tell(self) -> None:
        """Say what was held back."""
        with self._lock:
            self._counting = False
            repeated = [each for each in self._places.values() if each.held]
            told = [(each, each.held) for each in repeated]
            for each in repeated:
                each.held, each.since = 0, monotonic()
                # What came once makes room for other lines.
                each.lines = Counter({line: count for line, count in each.lines.items() if count > 1})
        for place, more in told:
            said = (place.said, more, self._seconds)
            log = logging.getLogger(place.logger)
            log.log(place.level, "%s (%d more like it in %.0f s)", *said, extra={"more": more})


def quiet_repetitions() -> None:
    """Keep what is written by the handlers that there are, and by uvicorn's own, from repeating itself."""
    repeated = RepeatedLines()
    for handler in logging.getLogger().handlers:
        handler.addFilter(repeated)
    logging.getLogger("uvicorn.error").addFilter(repeated)


def _kind(record: logging.LogRecord) -> Hashable:
    fault = record.exc_info[1] if record.exc_info else None
    trace = fault.__traceback__ if fault else None
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace else None
    return (record.name, record.levelno, record.pathname, record.lineno, type(fault), place)
