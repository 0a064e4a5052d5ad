"""What a host of Spaces puts around the app: TLS, a proxy that tells where requests come from, a framing page."""

from __future__ import annotations

import datetime
import ipaddress
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.servers import free_port

# Of one connection alone: a proxy does not pass them on.
_OF_THE_CONNECTION = frozenset(
    ["connection", "host", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"]
)
_SILENCE_SECONDS = 60.0
# As the Hub's pages have it (and many further permissions, that the app has no use for).
_SANDBOX = "allow-downloads allow-forms allow-modals allow-popups allow-same-origin allow-scripts"
_SIZING = Path(__file__).with_name("sizing_page.html")


@dataclass(frozen=True)
class Certificate:
    """A certificate which nobody but a test trusts: paths of PEM files."""

    file: Path
    key: Path


def certificate(folder: Path, host: str = "localhost") -> Certificate:
    """Make a certificate for this machine's loopback and a host in this folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    found = Certificate(folder / "certificate.pem", folder / "key.pem")
    found.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    found.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return found


def proxy(upstream: str) -> Starlette:
    """Return an app that hands each request on to `upstream`, and says in its headers where it came from."""
    # A connection for each request: one that is kept may be closed at the other end just as it is used again.
    limits = httpx.Limits(max_keepalive_connections=0)
    client = httpx.AsyncClient(base_url=upstream, timeout=_SILENCE_SECONDS, limits=limits)

    async def hand_on(request: Request) -> Response:
        kept = [(name, value) for name, value in request.headers.items() if name not in _OF_THE_CONNECTION]
        address = request.client.host if request.client else "unknown"
        forwarded = ", ".join([*request.headers.getlist("x-forwarded-for"), address])
        host = request.headers["host"]
        answer = await client.send(
            client.build_request(
                request.method,
                httpx.URL(path=request.url.path, query=request.url.query.encode()),
                headers=[
                    *((name, value) for name, value in kept if not name.startswith("x-forwarded-")),
                    ("host", host),
                    ("x-forwarded-for", forwarded),
                    ("x-forwarded-host", host),
                    ("x-forwarded-proto", request.url.scheme),
                ],
                content=await request.body(),
            ),
            stream=True,
        )
        response = StreamingResponse(
            answer.aiter_raw(), answer.status_code, background=BackgroundTask(answer.aclose)
        )
        response.raw_headers = [
            (name.lower(), value)
            for name, value in answer.headers.raw
            if name.decode().lower() not in _OF_THE_CONNECTION
        ]
        return response

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await client.aclose()

    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    return Starlette(routes=[Route("/{path:path}", hand_on, methods=methods)], lifespan=lifespan)


def framing(url: str) -> Starlette:
    """Return an app whose page shows `url` in a frame, as the Hub shows a Space."""

    async def page(_: Request) -> Response:
        frame = f'<iframe src="{url}" sandbox="{_SANDBOX}" style="width: 100%; height: 95vh; border: 0"></iframe>'
        return HTMLResponse(f"<!doctype html><title>The Hub</title>{frame}")

    return Starlette(routes=[Route("/", page)])


def sizing(url: str) -> Starlette:
    """Return an app whose page shows `url` as the Hub shows a Space: in a frame as tall as what is in it."""

    async def page(_: Request) -> Response:
        return HTMLResponse(_SIZING.read_text().replace("$url", url))

    return Starlette(routes=[Route("/", page)])


@contextmanager
def serve_tls(
    app: Starlette, certificate: Certificate, address: str = "127.0.0.1", port: int = 0
) -> Iterator[str]:
    """Serve an app over HTTPS on loopback, and yield its address. Port 0: a free one."""
    port = port or free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=address,
            port=port,
            ssl_certfile=certificate.file,
            ssl_keyfile=certificate.key,
            log_level="warning",
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{port}"
    finally:
        server.should_exit = True
        thread.join()
