"""Start the app from a process that has its libraries already: to import Gradio is most of what a start takes.

Run as a program, this module is that process: a message on its socket names what to start, with the file to write
to; the answer is a process ID. It imports nothing of the project, and each start has an environment, a folder
and an output of its own.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

# What the app imports besides itself and Python's own.
_LIBRARIES = (
    "PIL.Image",
    "cryptography.fernet",
    "dotenv",
    "gradio",
    "gradio.mcp",
    "jsonschema",
    "limits",
    "platformdirs",
    "requests",
    "sse_starlette",
)
_MESSAGE_BYTES = 1 << 20
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Fork:
    """A process that was started so; of `subprocess.Popen` it has what the tests use."""

    pid: int
    _handle: int

    def poll(self) -> int | None:
        """Return None while it runs."""
        return 0 if select.select([self._handle], [], [], 0)[0] else None

    def wait(self, timeout: float | None = None) -> None:
        if not select.select([self._handle], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("app.py", timeout or 0)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def possible() -> bool:
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


def start(program: Path, variables: dict[str, str], cwd: Path) -> tuple[Fork, IO[str]]:
    """Start a program and return it with what it writes.

    Args:
        program: a Python file, run as `__main__`.
        variables: all of its environment.
        cwd: the folder that it starts in.
    """
    output, written = os.pipe()
    message = json.dumps({"program": str(program), "variables": variables, "cwd": str(cwd)})
    with _one_at_a_time:
        socket.send_fds(_server(), [message.encode()], [written])
        pid = int(_server().recv(32))
    os.close(written)
    return Fork(pid, os.pidfd_open(pid)), os.fdopen(output, encoding="utf-8", errors="replace")


@cache
def _server() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    subprocess.Popen(
        [sys.executable, __file__, str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        env={**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"},
    )
    theirs.close()
    atexit.register(ours.close)
    return ours


def _serve(asked: socket.socket) -> None:
    # The folder of this file, where `limits` is something else.
    del sys.path[0]
    for library in _LIBRARIES:
        importlib.import_module(library)
    gc.freeze()
    started: list[int] = []
    while message := _received(asked):
        started = [pid for pid in started if not os.waitpid(pid, os.WNOHANG)[0]]
        text, output = message
        pid = os.fork()
        if not pid:
            asked.close()
            _become(**json.loads(text), output=output)
        os.close(output)
        started.append(pid)
        asked.send(str(pid).encode())
    for pid in started:
        os.kill(pid, signal.SIGKILL)


def _received(asked: socket.socket) -> tuple[bytes, int] | None:
    text, files, _, _ = socket.recv_fds(asked, _MESSAGE_BYTES, 1)
    return (text, files[0]) if text else None


def _become(program: str, variables: dict[str, str], cwd: str, output: int) -> None:
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(cwd)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.argv = [program]
    sys.path[:0] = [str(Path(program).parent), *variables.get("PYTHONPATH", "").split(os.pathsep)]
    # Whatever it raises ends this process as it would end the program's own.
    runpy.run_path(program, run_name="__main__")
    sys.exit()


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
