"""A catalogue that is of no use costs a start at most what it is waited for."""

from __future__ import annotations

import time
from statistics import median

from tests.grown_catalogue import served_without
from tests.runcomfy.test_live_models import LONGEST_SECONDS, NONSENSE
from tests.servers import App

RUNS = 3


def started(catalogue: App, **variables: str) -> float:
    """Return the seconds until the app answered, in the middle of some runs."""

    def once() -> float:
        began = time.monotonic()
        with served_without(catalogue, **variables):
            return time.monotonic() - began

    return median(once() for _ in range(RUNS))


def test_a_start_is_at_most_so_much_later() -> None:
    silent = NONSENSE["hangs"]
    # Whatever is there the first time only is there for all.
    with served_without(silent, SEEDREAM_SCHEMA="file"):
        pass
    unasked = started(silent, SEEDREAM_SCHEMA="file")
    for what in ("hangs", "dribbles", "HTML", "a schema of another thing"):
        later = started(NONSENSE[what]) - unasked
        print(f"{what}: {later:.2f} s after {unasked:.2f} s")
        assert later <= LONGEST_SECONDS
