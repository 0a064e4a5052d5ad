"""A job whose files lie where they must not: none is fetched, and the good ones among them are shown."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from seedream.pictures.cache import PictureCache
from seedream.pictures.downloads import Bounds, Downloads
from seedream.schema.references import MIB
from seedream.settings import Settings
from seedream.ui.events import Watched, events
from seedream.ui.services import Services, make_services
from tests.fault_effects import Answer, Changed
from tests.faults import Fault, RunningApi, running_api
from tests.offline.support import Client

TOKEN = "marker-3f9c1d27-foreign"
BOUNDS = Bounds(max_bytes=MIB, seconds=4.0, connect_seconds=2.0, read_seconds=3.0)
LOOPBACK = ("127.", "::1", "::ffff:127.")
STATUSES = (301, 302, 303, 307, 308)


def foreign(own: int, other: int) -> dict[str, list[str]]:
    """Return what must not be fetched; `own` is the service's port, and somebody listens on `other`."""
    return {
        "this machine": [
            f"http://127.0.0.2:{own}/a.png",
            f"http://127.0.0.2:{other}/a.png",
            f"http://127.0.0.1:{other}/a.png",
            f"http://[::1]:{own}/a.png",
            f"http://[::1]:{other}/a.png",
            f"http://[::ffff:127.0.0.1]:{own}/a.png",
            f"http://localhost:{own}/a.png",
            f"http://0.0.0.0:{own}/a.png",
            f"http://2130706434:{other}/a.png",
            f"http://0x7f.0.0.2:{other}/a.png",
            f"http://0177.0.0.2:{other}/a.png",
            f"http://127.2:{other}/a.png",
            f"https://127.0.0.1:{own}/a.png",
            f"https://127.0.0.2:{other}/a.png",
        ],
        "this network": [
            "http://169.254.169.254/latest/meta-data/",
            "https://169.254.169.254/latest/meta-data/",
            "http://[fd00:ec2::254]/latest/meta-data/",
            "http://metadata.google.internal/computeMetadata/v1/",
            "http://10.0.0.1/a.png",
        ],
        "another host": [
            "http://evil.example/a.png",
            "https://evil.example/a.png",
            "http://cdn.runcomfy.net/a.png",
            "https://cdn.runcomfy.net:8443/a.png",
            "https://runcomfy.net.evil.example/a.png",
            "https://evilruncomfy.net/a.png",
            "https://evil.example/.runcomfy.net",
            "https://evil.example#.runcomfy.net",
            "https://evil.example?.runcomfy.net",
            f"http://127.0.0.1:{own}.evil.example/a.png",
        ],
        "a user": [
            "https://user@cdn.runcomfy.net/a.png",
            "https://user:password@cdn.runcomfy.net/a.png",
            "https://cdn.runcomfy.net@evil.example/a.png",
            f"https://user@127.0.0.2:{other}/a.png",
            f"http://user@127.0.0.1:{own}/a.png",
            f"http://127.0.0.1:{own}@127.0.0.2:{other}/a.png",
        ],
        "a backslash": [
            f"http://127.0.0.1:{own}\\@127.0.0.2:{other}/a.png",
            f"http://127.0.0.2:{other}\\@127.0.0.1:{own}/a.png",
            f"http://127.0.0.1:{own}\\.evil.example/a.png",
            f"http:\\\\127.0.0.2:{other}\\a.png",
            f"\\\\127.0.0.2:{other}\\a.png",
            f"/\\127.0.0.2:{other}/a.png",
            "https://cdn.runcomfy.net\\@evil.example/a.png",
            "https://evil.example\\.runcomfy.net/a.png",
            "https://evil.example\\@cdn.runcomfy.net/a.png",
        ],
        "another scheme": [
            f"//127.0.0.2:{other}/a.png",
            f"ftp://127.0.0.1:{own}/a.png",
            f"http+unix://127.0.0.1:{own}/a.png",
            "file:///etc/passwd",
            "data:image/png;base64,iVBORw0KGgo=",
            "javascript:alert(1)",
        ],
        "nonsense": [
            "http://[bad/a.png",
            f"http://127.0.0.1:{own}]/a.png",
            "https://evil.example\t.runcomfy.net/a.png",
            "https://cdn.runcomfy.net:99999/a.png",
        ],
        # JSON can write half of a character, which no header and no hash takes.
        "half a character": ["https://evil.example/\ud83c.png", f"http://127.0.0.2:{other}/\ud83c.png"],
    }


GROUPS = list(foreign(0, 0))


@dataclass
class Network:
    """Listens where nobody may connect, and notes every name and address that this process asks for."""

    listeners: dict[str, socket.socket]
    port: int
    asked: list[tuple[str, int]] = field(default_factory=list)

    def visited(self) -> list[str]:
        """Return the listeners that a connection waits at, which the system keeps until it is taken."""
        found = []
        for place, listener in self.listeners.items():
            try:
                connection, _ = listener.accept()
            except BlockingIOError:
                continue
            connection.close()
            found.append(place)
        return found


def listening(host: str, port: int) -> socket.socket | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError:
        return None
    listener.setblocking(False)
    return listener


@pytest.fixture
async def there() -> AsyncIterator[RunningApi]:
    async with running_api() as running:
        yield running


@pytest.fixture
def network(there: RunningApi, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    own = int(there.url.rpartition(":")[2])
    with ExitStack() as stack:
        first = stack.enter_context(closing(socket.create_server(("127.0.0.1", 0))))
        first.setblocking(False)
        other = first.getsockname()[1]
        listeners = {f"127.0.0.1 {other}": first}
        for host, port in [("127.0.0.2", own), ("127.0.0.2", other), ("::1", own), ("::1", other)]:
            # Not every machine has ::1; what is asked for there is noted all the same.
            if listener := listening(host, port):
                listeners[f"{host} {port}"] = stack.enter_context(closing(listener))
        network = Network(listeners, other)
        watch_over(network, monkeypatch)
        yield network


def watch_over(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Note what is asked for; what is not on this machine is not asked for in earnest."""
    resolve, connect = socket.getaddrinfo, socket.socket.connect

    def noting_resolve(host: str, port: int, *more: Any, **options: Any) -> Any:
        network.asked.append((host, int(port)))
        if not host.startswith(LOOPBACK):
            raise socket.gaierror(socket.EAI_NONAME, "not in this test")
        return resolve(host, port, *more, **options)

    def noting_connect(self: socket.socket, address: Any) -> None:
        network.asked.append(address[:2])
        if not address[0].startswith(LOOPBACK):
            raise ConnectionRefusedError
        connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", noting_resolve)
    monkeypatch.setattr(socket.socket, "connect", noting_connect)


@pytest.fixture
def services(there: RunningApi) -> Iterator[Services]:
    settings = Settings(token=TOKEN, base_url=there.url, offline=False, watch_seconds=30)
    made = replace(make_services(settings), pictures=PictureCache(Downloads(there.url, BOUNDS)))
    yield made
    made.pictures.close()


async def tiles(services: Services, there: RunningApi, outputs: list[str]) -> list[str | None]:
    """Return each tile's error as the page's stream tells it, for a job with these files among two good ones."""

    def named(body: dict[str, Any]) -> object:
        own = body["output"]["images"]
        return {**body, "output": {"images": [own[0], *outputs, own[1]]}}

    client = Client(there.url, TOKEN)
    request_id = client.submit(prompt="2 boats", sequential_image_generation="auto", max_images=2)
    # Drawn first, so that the stream need not wait for it.
    client.ended(request_id)
    there.faulty.faults = [*there.faulty.faults, Fault(("result",), Changed(named))]
    told: dict[int, str | None] = {}
    async for name, picture in events(services, [Watched("a key", request_id)], "ada"):
        if name == "picture":
            told[picture["number"]] = picture["error"]["code"] if "error" in picture else None
    return [told[number] for number in sorted(told)]


def nothing_but_the_service(there: RunningApi, network: Network) -> None:
    own = int(there.url.rpartition(":")[2])
    assert network.visited() == []
    assert set(network.asked) == {("127.0.0.1", own)}
    files = [call for call in there.recorder.calls if call.path.startswith("/files/")]
    assert files
    for call in files:
        assert not {"authorization", "cookie", "proxy-authorization"} & set(call.headers)
        assert TOKEN not in "".join([call.path, *call.headers.values()])


@pytest.mark.parametrize("group", GROUPS)
async def test_an_output_elsewhere_is_never_fetched(
    group: str, there: RunningApi, network: Network, services: Services
) -> None:
    urls = foreign(int(there.url.rpartition(":")[2]), network.port)[group]
    assert await tiles(services, there, urls) == [None, *["file_untrusted"] * len(urls), None]
    nothing_but_the_service(there, network)
    # The two good ones.
    assert len(there.asked("file")) == 2


@pytest.mark.thorough
@pytest.mark.parametrize("hops", [0, 2])
@pytest.mark.parametrize("group", [name for name in GROUPS if name != "half a character"])
async def test_a_trusted_host_that_redirects_elsewhere_is_not_followed(
    group: str, hops: int, there: RunningApi, network: Network, services: Services
) -> None:
    urls = foreign(int(there.url.rpartition(":")[2]), network.port)[group]
    steps = [
        (f"/{number}-{hop}", url if hop == hops else f"{number}-{hop + 1}", STATUSES[(number + hop) % 5])
        for number, url in enumerate(urls)
        for hop in range(hops + 1)
    ]
    there.faulty.faults = [
        Fault(("file",), Answer(status, b"", {"Location": to}), name=name) for name, to, status in steps
    ]
    outputs = [f"{there.url}/files/elsewhere/{number}-0" for number in range(len(urls))]
    assert await tiles(services, there, outputs) == [None, *["file_untrusted"] * len(urls), None]
    nothing_but_the_service(there, network)
    assert len(there.asked("file")) == 2 + len(urls) * (hops + 1)


async def test_whoever_connects_is_seen(there: RunningApi, network: Network) -> None:
    for place in network.listeners:
        host, _, port = place.partition(" ")
        with socket.create_connection((host, int(port)), timeout=5):
            pass
    with pytest.raises(OSError, match="not in this test"):
        socket.create_connection(("evil.example", 80), timeout=5)
    with socket.socket() as direct, pytest.raises(ConnectionRefusedError):
        direct.connect(("169.254.169.254", 80))
    assert network.visited() == list(network.listeners)
    assert {("evil.example", 80), ("169.254.169.254", 80)} <= set(network.asked)
    assert network.visited() == []
