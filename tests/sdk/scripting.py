"""For tests of scripts: an API that does what a token or a prompt says, and `python -m seedream` elsewhere."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse

from seedream.offline import Options, create_app, serve
from tests.controlled_api import tiny_picture
from tests.servers import ROOT, App, Receive, Recorder, Scope, Send

TOKEN = "marker-3f9c1d27-script"
# No command of these tests takes this long.
LIMIT = 60.0


def paint(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
    """Paint a small picture; the second of a prompt with `junk` is none, nor is any of `all junk`."""
    if prompt.startswith("all junk") or ("junk" in prompt and number == 2):
        return b"<h1>Sign in</h1>"
    return tiny_picture(prompt, number, of, size, format)


@dataclass
class FailingApi:
    """Wraps the API: to a token such as `answer-402` it gives that HTTP status; it quotes tokens."""

    app: App
    files_to_fail: int = 0
    files: threading.Event = field(default_factory=threading.Event)
    holding: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.files.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        bearer = dict(scope["headers"]).get(b"authorization", b"").decode()
        name, _, status = bearer.rpartition("-")
        if name.endswith("answer"):
            await JSONResponse({"error_message": f"I got {bearer}."}, int(status))(scope, receive, send)
        elif self.files_to_fail and scope["path"].startswith("/files/"):
            self.files_to_fail -= 1
            await JSONResponse({}, 503)(scope, receive, send)
        elif scope["path"].startswith("/files/") and not self.files.is_set():
            # Half of a file, and then nothing.
            head = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9999")]}
            await send(head)
            await send({"type": "http.response.body", "body": b"\x89PNG", "more_body": True})
            self.holding.set()
            await asyncio.to_thread(self.files.wait, LIMIT)
        else:
            await self.app(scope, receive, send)


@dataclass
class RunningApi:
    """The API whose jobs wait for nothing, and a record of what reached it."""

    recorder: Recorder
    failing: FailingApi
    url: str

    def submitted(self) -> int:
        return len(self.recorder.submissions())


@contextmanager
def running_api() -> Iterator[RunningApi]:
    failing = FailingApi(create_app(Options(queue_seconds=0, drawing_seconds=0, price_usd=0.04), paint))
    recorder = Recorder(failing)
    with serve(recorder) as service:
        yield RunningApi(recorder, failing, service.url)


def environment(url: str | None, **variables: str) -> dict[str, str]:
    """Return the variables of a process elsewhere, with this API and its token, or with none."""
    unset = ("TOKEN", "RUNCOMFY", "API_KEY", "LANG", "LC_", "SEEDREAM")
    inherited = {name: value for name, value in os.environ.items() if not any(part in name for part in unset)}
    api = {"RUNCOMFY_BASE_URL": url, "RUNCOMFY_TOKEN": TOKEN} if url else {}
    return {**inherited, **api, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **variables}


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def paths(self) -> list[Path]:
        return [Path(line) for line in self.out.splitlines()]


def start(folder: Path, variables: dict[str, str], *command: str) -> subprocess.Popen[str]:
    """Start Python with these arguments in a folder."""
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs tests in the background may have had it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )


def ended(
    process: subprocess.Popen[str], given: str | None = None, before: str = "", limit: float = LIMIT
) -> Done:
    """Wait for a process; `before` is what was read of its standard error already."""
    out, err = process.communicate(given, timeout=limit)
    return Done(process.returncode, out, before + err)


def run(folder: Path, variables: dict[str, str], *arguments: str, given: str | None = None) -> Done:
    """Run `python -m seedream` to its end, and see that it never shows a token."""
    done = ended(start(folder, variables, "-m", "seedream", *arguments), given)
    assert variables.get("RUNCOMFY_TOKEN", TOKEN) not in done.out + done.err
    return done
