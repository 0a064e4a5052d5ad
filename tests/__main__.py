"""`python -m tests`: everything. Side by side what can be, and by itself what measures time or memory."""

from __future__ import annotations

import sys

import pytest

# More than the cores of a small machine: most of the time a browser test waits for something.
_WORKERS = "3"


def main() -> int:
    side_by_side = pytest.main(["-n", _WORKERS, "--dist", "loadfile", "-m", "not live and not alone"])
    alone = pytest.main(["-m", "alone"])
    return int(side_by_side or alone)


if __name__ == "__main__":
    sys.exit(main())
