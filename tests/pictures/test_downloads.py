from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from seedream.errors import SeedreamError
from seedream.offline import serve
from seedream.pictures.downloads import Bounds, Downloads
from seedream.runcomfy.responses import Output
from seedream.schema.references import MIB
from tests.servers import Recorder, free_port

OWN = "http://127.0.0.1:8800"
CONTENT = os.urandom(700_001)
BOUNDS = Bounds(max_bytes=MIB, seconds=20, connect_seconds=2, read_seconds=5)

TRUSTED = [
    "https://cdn.runcomfy.net/a.png",
    "https://files.runcomfy.com/a/b.jpeg",
    "https://a.b-c.d.runcomfy.net/a.png?signature=x&expires=1@2#part",
    "https://model-api.runcomfy.net",
    "https://cdn.runcomfy.net:443/a.png",
    "https://CDN.RunComfy.NET/a.png",
    "https://cdn.runcomfy.net/https://evil.com/@evil.com",
    "https://cdn.runcomfy.net/%0a%5c%40evil.com",
    f"{OWN}/files/1.png",
    f"{OWN}?a=b",
    OWN,
]
UNTRUSTED = [
    # Hosts that look like RunComfy's.
    "https://evilruncomfy.net/a.png",
    "https://runcomfy.net.evil.com/a.png",
    "https://runcomfy.net/a.png",
    "https://cdn.runcomfy.net.evil.com/a.png",
    "https://cdn-runcomfy.net/a.png",
    "https://cdn.runcomfy.org/a.png",
    "https://cdn.runcomfy.network/a.png",
    "https://cdn.runcomfy.net./a.png",
    "https://cdn.runcomfy\u3002net/a.png",
    "https://cdn.runcomfy.nеt/a.png",
    "https://ｃｄｎ.runcomfy.net/a.png",
    "https://cdn.runcomfy.net\u2044.evil.com/a.png",
    # What parsers read in two ways.
    "https://cdn.runcomfy.net@evil.com/a.png",
    "https://cdn.runcomfy.net:443@evil.com/a.png",
    "https://user@cdn.runcomfy.net/a.png",
    "https://user:password@cdn.runcomfy.net/a.png",
    "https://evil.com\\@cdn.runcomfy.net/a.png",
    "https://evil.com\\.runcomfy.net/a.png",
    "https://cdn.runcomfy.net\\@evil.com/a.png",
    "https://cdn.runcomfy.net/a\\b.png",
    "https:\\\\cdn.runcomfy.net\\a.png",
    "https:/cdn.runcomfy.net/a.png",
    "https:cdn.runcomfy.net/a.png",
    "https:///cdn.runcomfy.net/a.png",
    "https://evil.com#.runcomfy.net/a.png",
    "https://evil.com?.runcomfy.net/a.png",
    "https://evil.com/.runcomfy.net",
    "https://cdn.runcomfy.net#@evil.com/a.png",
    "https://evil.com%2f.runcomfy.net/a.png",
    "https://evil.com%00.runcomfy.net/a.png",
    "https://cdn.runcomfy.net /a.png",
    "https://cdn.runcomfy.net/a b.png",
    " https://cdn.runcomfy.net/a.png",
    "https://cdn.runcomfy.net/a.png\n",
    "https://cdn.runcomfy.net\n/a.png",
    "https://cdn.runcomfy.net/a\r\nHost: evil.com",
    "https://evil.com\t.runcomfy.net/a.png",
    "https://cdn.runcomfy.net/a\x00.png",
    "https://cdn.runcomfy.net/絵.png",
    # Other schemes and ports.
    "http://cdn.runcomfy.net/a.png",
    "http://cdn.runcomfy.net:443/a.png",
    "https://cdn.runcomfy.net:8443/a.png",
    "https://cdn.runcomfy.net:80/a.png",
    "https://cdn.runcomfy.net:443443/a.png",
    "https://cdn.runcomfy.net:/a.png",
    "https://cdn.runcomfy.net:https/a.png",
    "ftp://cdn.runcomfy.net/a.png",
    "file:///etc/passwd",
    "file://cdn.runcomfy.net/etc/passwd",
    "data:image/png;base64,AAAA",
    "//cdn.runcomfy.net/a.png",
    "cdn.runcomfy.net/a.png",
    "/a.png",
    "",
    # This machine and its network.
    "http://127.0.0.1/a.png",
    "http://127.0.0.1:8801/a.png",
    "http://127.0.0.1:88000/a.png",
    "https://127.0.0.1:8800/a.png",
    "http://127.0.0.2:8800/a.png",
    "http://localhost:8800/a.png",
    "http://0.0.0.0:8800/a.png",
    "http://2130706433:8800/a.png",
    "http://0x7f.0.0.1:8800/a.png",
    "http://127.1:8800/a.png",
    "http://[::1]:8800/a.png",
    "http://[::ffff:127.0.0.1]:8800/a.png",
    "http://user@127.0.0.1:8800/a.png",
    "http://127.0.0.1:8800@evil.com/a.png",
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fe80::1%25eth0]/a.png",
]


@pytest.mark.parametrize("url", TRUSTED)
def test_runcomfys_storage_and_the_apis_own_origin_are_trusted(url: str) -> None:
    assert Downloads(OWN).trusts(url)


@pytest.mark.parametrize("url", UNTRUSTED)
def test_nothing_else_is_trusted(url: str, tmp_path: Path) -> None:
    downloads = Downloads(OWN)
    assert not downloads.trusts(url)
    with pytest.raises(SeedreamError) as caught:
        downloads.save(Output(url, "image"), tmp_path / "a")
    assert caught.value.code == "file_untrusted"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("base_url", ["http://[::1]:8800", "http://[::1]:8800/"])
def test_an_own_origin_may_be_ipv6(base_url: str) -> None:
    downloads = Downloads(base_url)
    assert downloads.trusts("http://[::1]:8800/a.png")
    assert not downloads.trusts("http://[::2]:8800/a.png")
    assert not downloads.trusts("http://[::1]:8801/a.png")


def test_an_own_origin_has_the_schemes_port() -> None:
    downloads = Downloads("http://api.example/v1/")
    assert downloads.trusts("http://api.example:80/a.png")
    assert not downloads.trusts("https://api.example/a.png")


def test_a_base_url_that_cannot_be_read_opens_no_door() -> None:
    assert not Downloads("http://user@127.0.0.1:8800").trusts("http://127.0.0.1:8800/a.png")


@dataclass
class Files:
    """A file server: its answer to any path, and what reached it."""

    answer: Callable[[Request], Response] = lambda _: Response(CONTENT)

    def __post_init__(self) -> None:
        self.recorder = Recorder(Starlette(routes=[Route("/{path:path}", self._now)]))
        self.service = serve(self.recorder)
        self.url = self.service.url

    def _now(self, request: Request) -> Response:
        return self.answer(request)


@pytest.fixture(scope="module")
def _files() -> Iterator[Files]:
    files = Files()
    with files.service:
        yield files


@pytest.fixture(scope="module")
def _elsewhere() -> Iterator[Files]:
    files = Files()
    with files.service:
        yield files


@pytest.fixture
def files(_files: Files) -> Files:
    _files.answer = lambda _: Response(CONTENT)
    _files.recorder.calls = []
    return _files


@pytest.fixture
def elsewhere(_elsewhere: Files) -> Files:
    _elsewhere.recorder.calls = []
    return _elsewhere


def refused(url: str, folder: Path, bounds: Bounds = BOUNDS) -> str:
    """Return the code of the error, having seen that nothing was left on the disk."""
    with pytest.raises(SeedreamError) as caught:
        Downloads(url, bounds).save(Output(f"{url}/a.png", "image"), folder / "a")
    assert list(folder.iterdir()) == []
    return caught.value.code


def test_a_file_is_saved_byte_for_byte(files: Files, tmp_path: Path) -> None:
    to = tmp_path / "a"
    assert Downloads(files.url, BOUNDS).save(Output(f"{files.url}/a.png?b=c", "image"), to) == len(CONTENT)
    assert hashlib.sha256(to.read_bytes()).digest() == hashlib.sha256(CONTENT).digest()
    assert list(tmp_path.iterdir()) == [to]


def test_a_file_is_whole_also_without_a_length(files: Files, tmp_path: Path) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(CONTENT), 50_000):
            yield CONTENT[start : start + 50_000]

    files.answer = lambda _: StreamingResponse(pieces())
    Downloads(files.url, BOUNDS).save(Output(f"{files.url}/a.png", "image"), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_file_replaces_an_older_one(files: Files, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    Downloads(files.url, BOUNDS).save(Output(f"{files.url}/a.png", "image"), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_no_credentials_of_any_kind_are_sent(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password secret\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    def answer(request: Request) -> Response:
        response = RedirectResponse("/b.png") if request.url.path == "/a.png" else Response(CONTENT)
        response.set_cookie("session", "of-somebody", path="/")
        return response

    files.answer = answer
    downloads = Downloads(files.url)
    for _ in range(2):
        downloads.save(Output(f"{files.url}/a.png", "image"), tmp_path / "a")
    assert [call.path for call in files.recorder.calls] == ["/a.png", "/b.png"] * 2
    for call in files.recorder.calls:
        assert not {"authorization", "cookie", "proxy-authorization"} & set(call.headers)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_a_trusted_place_is_followed(files: Files, tmp_path: Path, status: int) -> None:
    files.answer = lambda request: (
        Response(CONTENT) if request.url.path == "/b.png" else RedirectResponse("b.png", status)
    )
    Downloads(files.url, BOUNDS).save(Output(f"{files.url}/a.png", "image"), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT


@pytest.mark.parametrize("hops", [0, 2])
def test_a_redirect_to_another_place_is_never_requested(
    files: Files, elsewhere: Files, tmp_path: Path, hops: int
) -> None:
    def answer(request: Request) -> Response:
        hop = int(request.query_params.get("hop", 0))
        return RedirectResponse(f"/a.png?hop={hop + 1}" if hop < hops else f"{elsewhere.url}/a.png")

    files.answer = answer
    assert refused(files.url, tmp_path) == "file_untrusted"
    assert len(files.recorder.calls) == hops + 1
    assert elsewhere.recorder.calls == []


@pytest.mark.parametrize(
    "location",
    [
        "//127.0.0.2/a.png",
        "file:///etc/passwd",
        "ftp://127.0.0.1/a.png",
        "http://169.254.169.254/latest/meta-data/",
        "https://runcomfy.net.evil.com/a.png",
        "\\\\evil.com/a.png",
        "http://[bad/a.png",
        "http://a]/a.png",
    ],
)
def test_a_redirect_to_an_odd_place_is_refused(files: Files, tmp_path: Path, location: str) -> None:
    files.answer = lambda _: Response(status_code=302, headers={"Location": location})
    assert refused(files.url, tmp_path) == "file_untrusted"
    assert len(files.recorder.calls) == 1


def test_redirects_in_a_circle_end(files: Files, tmp_path: Path) -> None:
    files.answer = lambda _: RedirectResponse("/a.png")
    assert refused(files.url, tmp_path) == "file_untrusted"
    assert len(files.recorder.calls) <= 5


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "file_missing"),
        (403, "file_missing"),
        (404, "file_missing"),
        (410, "file_missing"),
        (500, "file_unreachable"),
        (502, "file_unreachable"),
        (503, "file_unreachable"),
    ],
)
def test_an_error_answer_is_no_file(files: Files, tmp_path: Path, status: int, code: str) -> None:
    files.answer = lambda _: Response(CONTENT, status)
    assert refused(files.url, tmp_path) == code


def test_nobody_at_home_is_unreachable(tmp_path: Path) -> None:
    assert refused(f"http://127.0.0.1:{free_port()}", tmp_path) == "file_unreachable"


@pytest.mark.parametrize("more", [0, -1])
def test_a_file_within_the_bound_of_bytes_is_taken(files: Files, tmp_path: Path, more: int) -> None:
    files.answer = lambda _: Response(b"x" * (MIB + more))
    assert Downloads(files.url, BOUNDS).save(Output(f"{files.url}/a.png", "image"), tmp_path / "a") == MIB + more


def test_a_file_beyond_the_bound_of_bytes_is_dropped(files: Files, tmp_path: Path) -> None:
    files.answer = lambda _: Response(b"x" * (MIB + 1))
    assert refused(files.url, tmp_path) == "file_too_large"


def test_an_endless_file_is_dropped(files: Files, tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(65536)
            # Without it the server would never get to hear that its client has gone.
            await asyncio.sleep(0)

    files.answer = lambda _: StreamingResponse(endless())
    assert refused(files.url, tmp_path) == "file_too_large"


def test_a_file_is_asked_for_as_it_is_and_never_unpacked(files: Files, tmp_path: Path) -> None:
    packed = gzip.compress(bytes(64 * MIB))
    files.answer = lambda _: Response(packed, headers={"Content-Encoding": "gzip"})
    assert (
        Downloads(files.url, BOUNDS).save(Output(f"{files.url}/a.png", "image"), tmp_path / "a")
        == len(packed)
        < MIB
    )
    assert (tmp_path / "a").read_bytes() == packed
    assert files.recorder.calls[0].headers["accept-encoding"] == "identity"


@dataclass
class RawFiles:
    """A file server below HTTP: it writes these pieces with pauses between, and cuts or holds the connection.

    One that it is to keep alive is cut by its second request, unanswered.
    """

    pieces: list[bytes]
    pause: float = 0.0
    hold: bool = False
    keep_alive: bool = False
    done: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._talk, daemon=True).start()

    def close(self) -> None:
        self.done.set()
        self._listener.close()

    def _talk(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection:
                    self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.recv(65536)
        for piece in self.pieces:
            connection.sendall(piece)
            if self.done.wait(self.pause):
                return
        if self.keep_alive:
            # Dropped at the very moment at which it is used again.
            connection.recv(1)
        if self.hold:
            self.done.wait(60)


@contextmanager
def raw_files(files: RawFiles) -> Iterator[str]:
    try:
        yield files.url
    finally:
        files.close()


def head(length: int) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode()


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([], id="no-answer"),
        pytest.param([b"HTTP/1.1 2"], id="half-a-status-line"),
        pytest.param([b"SSH-2.0\r\n"], id="not-http"),
        pytest.param([head(700_000), b"x" * 300_000], id="half-a-file"),
        pytest.param([head(10)], id="head-alone"),
        pytest.param(
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n5\r\nab"], id="half-a-chunk"
        ),
        pytest.param([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nodd\r\n"], id="odd-chunk"),
    ],
)
def test_a_file_that_is_cut_short_is_not_kept(pieces: list[bytes], tmp_path: Path) -> None:
    with raw_files(RawFiles(pieces)) as url:
        assert refused(url, tmp_path) == "file_unreachable"


def test_a_kept_connection_that_is_dropped_as_it_is_used_again_costs_no_file(tmp_path: Path) -> None:
    with raw_files(RawFiles([head(5), b"ready"], keep_alive=True)) as url:
        downloads = Downloads(url, BOUNDS)
        for name in "ab":
            assert downloads.save(Output(f"{url}/{name}.png", "image"), tmp_path / name) == 5


@pytest.mark.parametrize(
    "pieces", [pytest.param([], id="no-answer"), pytest.param([head(1000), b"x" * 10], id="in-the-middle")]
)
def test_a_file_that_stops_coming_is_slow(pieces: list[bytes], tmp_path: Path) -> None:
    with raw_files(RawFiles(pieces, hold=True)) as url:
        assert refused(url, tmp_path, Bounds(read_seconds=0.3)) == "file_slow"


@pytest.mark.parametrize(
    ("header", "piece"),
    [
        pytest.param(head(1000), b"x", id="with-a-length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", id="in-chunks"),
    ],
)
def test_a_file_that_drips_in_ends_at_the_bound_of_time(header: bytes, piece: bytes, tmp_path: Path) -> None:
    started = time.monotonic()
    with raw_files(RawFiles([header, *([piece] * 80)], pause=0.05)) as url:
        assert refused(url, tmp_path, Bounds(seconds=0.5)) == "file_slow"
    # The whole takes 4 s.
    assert time.monotonic() - started < 2.5
