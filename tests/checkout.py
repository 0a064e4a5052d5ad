"""A copy of the checkout: of what git has, or would take. In it, commands run as for whoever pastes them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.debian import program
from tests.sdk.scripting import Done, ended, environment
from tests.servers import ROOT, AppProcess, Process, launched

# To make an environment and to install all that the app requires takes a while where the registry is slow.
_PATIENCE = 600.0
_END_SECONDS = 30.0


@dataclass(frozen=True)
class Checkout:
    """The copy's folder, and what all commands in it have in their environment beside the usual."""

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(self, command: str, *, given: str | None = None, **variables: str) -> Done:
        """Paste a command into a shell, and wait for its end."""
        with self.started(command, **variables) as process:
            return ended(process, given, limit=_PATIENCE)

    def succeeds(self, command: str, *, given: str | None = None, **variables: str) -> str:
        """Do as `run` does for a command that goes well, and return its standard output."""
        done = self.run(command, given=given, **variables)
        assert done.code == 0, f"{command}\n{done.out}{done.err}"
        return done.out

    @contextmanager
    def started(self, command: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
        """Paste a command into a shell, and end it with the block."""
        process = subprocess.Popen(
            _shell(command),
            cwd=self.folder,
            env=self._environment(variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _end(process)

    @contextmanager
    def serving(self, command: str, **variables: str) -> Iterator[AppProcess]:
        """Paste a command that comes to run the app."""
        app = launched(_shell(command), self._environment(variables), self.folder, seconds=_PATIENCE, group=True)
        try:
            yield app
        finally:
            _end(app.process)

    def _environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        # What is in the folder counts, and nothing of where the tests run.
        return environment(None, **{"PATH": path, "PYTHONPATH": "", **self.variables, **variables})


def copied(folder: Path) -> Path:
    """Make the copy in this folder, and return it."""
    for name in _files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


def _files() -> list[str]:
    """Return the names of the files; also where this is no clone, but an archive of one that was unpacked."""
    git = [program("git"), "-c", "safe.directory=*"]
    listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    with tempfile.TemporaryDirectory() as folder:
        if not (ROOT / ".git").exists():
            subprocess.run([*git, "init", "-q", folder], check=True)
            git += [f"--git-dir={folder}/.git", f"--work-tree={ROOT}"]
        listed = subprocess.run([*git, *listing], cwd=ROOT, check=True, capture_output=True, text=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def _shell(command: str) -> list[str]:
    return ["bash", "-e", "-c", command]


def _end(process: Process) -> None:
    """End a shell and what runs in it, by the signal that ends containers."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    process.wait(_END_SECONDS)
