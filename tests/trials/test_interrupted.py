"""Ctrl-C at each of two hundred moments of a paid job, from the command line and in a script.

Each second job is an edit. The picture is there, or the request ID and the way to it; of what was taken back, the
request ID.
"""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from seedream import texts
from seedream.offline import Options, create_app, serve
from tests import app_forks
from tests.controlled_api import tiny_picture
from tests.offline.support import Client
from tests.sdk.scripting import TOKEN, environment
from tests.servers import App, Receive, Scope, Send
from tests.ui.test_edit import data_uri

MOMENTS = 200
AT_ONCE = 4
LIMIT = 60.0
START = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
print("begun", flush=True)
"""
PROGRAMS = {
    "command": f"""{START}
from seedream.cli.main import main
main(["PROMPT", *("--image=" + each for each in IMAGES)])
""",
    "script": f"""{START}
import time, seedream
made = seedream.generate("PROMPT", image=IMAGES, on_state=lambda record: time.sleep(0.2))
""",
}


@dataclass
class Ledger:
    """Stands before the API and notes which request ID each prompt got, whoever may hear of it."""

    app: App
    url: str = ""
    request_ids: dict[str, str] = field(default_factory=dict)
    started_from: dict[str, list[str]] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") != "POST" or not scope["path"].startswith("/v1/models/"):
            await self.app(scope, receive, send)
            return
        asked, answered = b"", b""

        async def hear() -> MutableMapping[str, Any]:
            nonlocal asked
            message = await receive()
            asked += message.get("body", b"")
            return message

        async def tell(message: MutableMapping[str, Any]) -> None:
            nonlocal answered
            answered += message.get("body", b"")
            if message["type"] == "http.response.body" and not message.get("more_body"):
                request = json.loads(asked)
                self.started_from[request["prompt"]] = request.get("image", [])
                self.request_ids[request["prompt"]] = json.loads(answered)["request_id"]
            await send(message)

        await self.app(scope, hear, tell)


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    options = Options(queue_seconds=0.3, drawing_seconds=0.3, price_usd=0.04)
    noting = Ledger(create_app(options, tiny_picture))
    with serve(noting) as service:
        noting.url = service.url
        yield noting


@dataclass
class Run:
    """One program, run in a folder of its own, and stopped `after` so many seconds of its start."""

    ledger: Ledger
    program: str
    folder: Path
    prompt: str

    @property
    def references(self) -> list[str]:
        return [data_uri()] if int(self.prompt[-3:]) % 2 else []

    def __call__(self, after: float) -> str:
        self.folder.mkdir(parents=True)
        file = self.folder.with_suffix(".py")
        program = PROGRAMS[self.program].replace("PROMPT", self.prompt)
        file.write_text(program.replace("IMAGES", repr(self.references)))
        process, output = app_forks.start(file, environment(self.ledger.url), self.folder)
        # Before that it is still the process that it was forked from, whose locks a signal would leave taken.
        assert output.readline() == "begun\n"
        started = time.monotonic()
        try:
            process.wait(max(0, after - (time.monotonic() - started)))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            process.wait(LIMIT)
        with output:
            said = output.read()
        return self._how_it_ended(said)

    def _how_it_ended(self, said: str) -> str:
        """Return what became of the money; what is lost without a word is a fault."""
        files = list(self.folder.iterdir())
        for file in files:
            assert file.suffix == ".png", (file, said)
            with Image.open(file) as image:
                image.load()
        assert TOKEN not in said
        request_id = self.ledger.request_ids.get(self.prompt)
        if request_id is None:
            return "nothing was sent"
        assert self.ledger.started_from[self.prompt] == self.references
        # Before that, Python itself makes one of a Ctrl-C in the middle of an import.
        assert "RuntimeError" not in said, said
        if files:
            return "the picture"
        assert request_id in said, said
        if f"--resume {request_id}" in said:
            return "the request ID"
        # Nothing to find again, as nothing was made.
        assert texts.text("error.job_cancelled") in said, said
        assert Client(self.ledger.url, TOKEN).status(request_id)["status"] == "cancelled"
        return "taken back"


@pytest.mark.skipif(not app_forks.possible(), reason="four hundred starts from nothing would take minutes")
@pytest.mark.parametrize("program", PROGRAMS)
def test_ctrl_c_at_any_moment_loses_nothing(program: str, ledger: Ledger, tmp_path: Path) -> None:
    def run(number: int, after: float) -> str:
        prompt = f"{program} {number:03}"
        return Run(ledger, program, tmp_path / prompt.replace(" ", "-"), prompt)(after)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        # As long as it takes where nobody stops it, with as much else to do; the first to start waits for more.
        for unstopped in (range(900, 901), range(901, 901 + AT_ONCE)):
            started = time.monotonic()
            assert set(pool.map(run, unstopped, [LIMIT] * AT_ONCE)) == {"the picture"}
            whole = time.monotonic() - started
        print(f"{program}: {whole:.2f} s")
        ends = Counter(pool.map(run, range(MOMENTS), [whole * each / MOMENTS for each in range(MOMENTS)]))
    print(dict(ends))
    assert ends.total() == MOMENTS
    # They lie before, in and after the job.
    assert ends["nothing was sent"] < MOMENTS / 2
    assert ends["the request ID"] + ends["taken back"] > MOMENTS / 10
