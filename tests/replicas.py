"""Three processes of the app behind a real nginx, with a real Redis for what they count together, or without."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.debian import program
from tests.limits.redis_server import redis_server
from tests.servers import AppProcess, free_port, start_app

CONFIGURATION = Path(__file__).with_name("nginx.conf")
_START_SECONDS = 10.0


@dataclass
class Replicas:
    """What a visitor sees is `url`; which of the `apps` answers is nginx's choice."""

    url: str
    apps: list[AppProcess]


@contextmanager
def replicas(environment: dict[str, str], count: int = 3, *, with_redis: bool = True) -> Iterator[Replicas]:
    """Serve that many replicas with these variables at one address."""
    with ExitStack() as stack:
        shared = {
            "SEEDREAM_SECRET": "the same for all replicas",
            "SEEDREAM_LIMITS": "on",
            "SEEDREAM_TRUSTED_PROXIES": "1",
            **environment,
        }
        if with_redis:
            shared["SEEDREAM_LIMITS_STORAGE"] = stack.enter_context(redis_server()).url
        with ThreadPoolExecutor(count) as starting:
            apps = list(starting.map(start_app, [shared] * count))
        for app in apps:
            stack.callback(app.kill)
        url = stack.enter_context(_nginx([app.url.removeprefix("http://") for app in apps]))
        yield Replicas(url, apps)


@contextmanager
def _nginx(addresses: list[str]) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    servers = "\n".join(f"    server {address} max_fails=1 fail_timeout=5s;" for address in addresses)
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "nginx.conf"
        filled = CONFIGURATION.read_text().format(port=port, replicas=servers, folder=folder)
        written.write_text(filled)
        process = subprocess.Popen([program("nginx"), "-c", str(written), "-p", folder])
        try:
            _wait_for(url, process)
            yield url
        finally:
            process.terminate()
            process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            requests.get(f"{url}/healthz", timeout=5).raise_for_status()
        except requests.RequestException:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
