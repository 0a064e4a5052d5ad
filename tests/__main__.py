"""`python -m tests`: everything. Side by side what can be, and by itself what measures time or memory."""

from __future__ import annotations

import subprocess
import sys

from tests.engines.__main__ import main as engines

# More than the cores of a small machine: most of the time a test waits for something.
_SIDE_BY_SIDE = ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", "-m", "not live and not alone"]
# Each in a process of its own: a browser that is driven leaves an event loop running in its.
_PARTS = (
    [*_SIDE_BY_SIDE, "--ignore", "tests/browser"],
    [*_SIDE_BY_SIDE, "tests/browser"],
    ["-m", "alone"],
)


def main() -> int:
    if sys.argv[1:2] == ["engines"]:
        return engines(sys.argv[2:])
    codes = [subprocess.run([sys.executable, "-m", "pytest", *part], check=False).returncode for part in _PARTS]
    return max(map(abs, codes))


if __name__ == "__main__":
    sys.exit(main())
