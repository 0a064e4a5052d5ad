"""`python -m tests engines`: the journeys in each engine. What can't be had here fails, or by `--allow-missing`
is skipped; either way it is said. Other arguments are pytest's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# Selenium itself starts WebKit's driver in a way that it warns of.
_QUIET = ["-W", "ignore:setting remote_server_addr:DeprecationWarning"]


def main(arguments: Sequence[str]) -> int:
    # By its name: no test module, so the other command doesn't collect it.
    journeys = Path(__file__).with_name("journeys.py")
    command = [sys.executable, "-m", "pytest", "-rs", *_QUIET, str(journeys), *arguments]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
