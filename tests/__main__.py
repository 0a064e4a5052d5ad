"""`python -m tests [PART] [pytest's options]`: everyday's tests, or one part. `--durations=20`: what takes long.

Everyday's are `units` and `browser`, side by side in six minutes. Commands of their own are `engines` (other
browsers), `trials` (what is marked `thorough`; attacks on the promises by many presses, many tabs and killed
processes; what installs) and `timed` (what bounds seconds, for a machine that does nothing else).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from tests.engines.__main__ import main as engines

# Each in processes of its own: a browser that is driven leaves an event loop running in its. Together they have
# more workers than a small machine has cores, as most of the time a test waits for something.
_PARTS = {
    "units": ["-n", "2", "--ignore", "tests/browser", "--ignore", "tests/trials"],
    "browser": ["-n", "3", "tests/browser"],
}
_BY_FILE = ["--dist", "loadfile", "--no-loadscope-reorder"]
_EVERYDAY = ["-m", "not live and not thorough"]
_THOROUGH = ["-m", "thorough"]
_TIMED = {
    "test_attacks.py",
    "test_all_at_once.py",
    "test_bad_network.py",
    "test_broken_catalogue.py",
    "test_film.py",
    "test_photo.py",
}
_OTHERS: dict[str, Callable[[Sequence[str]], int]] = {
    "engines": engines,
    "trials": lambda options: _trials(options, timed=False),
    "timed": lambda options: _trials(options, timed=True),
}


def main(arguments: Sequence[str]) -> int:
    name, options = (arguments[0], arguments[1:]) if arguments else ("", [])
    if name in _OTHERS:
        return _OTHERS[name](options)
    if name in _PARTS:
        return _run([*_PARTS[name], *_BY_FILE, *_EVERYDAY, *options])
    return _side_by_side([*_EVERYDAY, *arguments])


def _side_by_side(options: Sequence[str]) -> int:
    """Run both parts at once; show what each says when it has ended. Return the worst exit code."""
    began = time.monotonic()
    worst = 0
    with ExitStack() as files:
        said = {name: files.enter_context(tempfile.TemporaryFile()) for name in _PARTS}
        running = {name: _started([*_PARTS[name], *_BY_FILE, *options], said[name]) for name in _PARTS}
        for name, process in running.items():
            worst = max(worst, abs(process.wait()))
            said[name].seek(0)
            print(said[name].read().decode(errors="replace"))
            print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    return worst


def _trials(options: Sequence[str], *, timed: bool) -> int:
    """Run each module in a process of its own, one after the other. Return the worst exit code."""
    modules = sorted(Path(__file__).with_name("trials").glob("test_*.py"))
    worst = 0 if timed else _side_by_side([*_THOROUGH, *options])
    return max(worst, *(abs(_run([str(each), *options])) for each in modules if (each.name in _TIMED) == timed))


def _run(arguments: Sequence[str]) -> int:
    return _started(arguments).wait()


def _started(arguments: Sequence[str], output: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "pytest", *arguments], stdout=output, stderr=output)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
