"""`python -m tests`: everything. Side by side what can be, and by itself what measures time or memory.

`python -m tests engines` and `python -m tests trials` are commands of their own: other browsers, and long attacks
on the promises (many presses, many tabs, killed processes), each too long for everyday.
"""

from __future__ import annotations

import subprocess
import sys

from tests.engines.__main__ import main as engines

# More than the cores of a small machine: most of the time a test waits for something.
_SIDE_BY_SIDE = ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", "-m", "not live and not alone"]
# Each in a process of its own: a browser that is driven leaves an event loop running in its.
_PARTS = (
    [*_SIDE_BY_SIDE, "--ignore", "tests/browser", "--ignore", "tests/trials"],
    [*_SIDE_BY_SIDE, "tests/browser"],
    ["-m", "alone", "--ignore", "tests/trials"],
)


def main() -> int:
    if sys.argv[1:2] == ["engines"]:
        return engines(sys.argv[2:])
    if sys.argv[1:2] == ["trials"]:
        return _pytest("tests/trials", *sys.argv[2:])
    return max([abs(_pytest(*part)) for part in _PARTS])


def _pytest(*arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
