from __future__ import annotations

import errno
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from seedream.offline import serve, start_offline
from tests.offline.support import MODEL, Client
from tests.sdk.scripting import environment, start


async def _hello(_request: object) -> PlainTextResponse:
    return PlainTextResponse("hello")


def test_any_application_is_served_on_loopback_until_stopped() -> None:
    service = serve(Starlette(routes=[Route("/", _hello)]))
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", service.url)
    assert requests.get(service.url, timeout=30).text == "hello"
    service.stop()
    service.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(service.url, timeout=30)


def test_a_port_can_be_chosen_and_is_free_afterwards() -> None:
    with start_offline() as first:
        port = int(first.url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            start_offline(port=port)
    with start_offline(port=port) as second:
        assert second.url == first.url
        assert Client(second.url).get(MODEL).json()["base_price_usd"] == 0


def test_an_application_that_fails_to_start_is_told() -> None:
    def broken(_app: Starlette) -> object:
        raise ValueError("broken")

    with pytest.raises(RuntimeError, match="could not start"):
        serve(Starlette(lifespan=broken))  # type: ignore[arg-type]


@pytest.mark.thorough
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_command_runs_until_it_is_interrupted(tmp_path: Path, ending: signal.Signals) -> None:
    command = ["-m", "seedream.offline", "--port", "0", "--queue-seconds", "0"]
    with start(tmp_path, environment(None), *command) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(3)]
        found = re.search(r"RUNCOMFY_BASE_URL=(\S+)", lines[1])
        assert found
        assert Client(found[1]).status(Client(found[1]).submit())["status"] == "in_progress"
        process.send_signal(ending)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")


def test_the_command_tells_that_its_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "seedream.offline", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr.strip()) == (
        1,
        f"Port {port} cannot be used: {os.strerror(errno.EADDRINUSE)}.",
    )
