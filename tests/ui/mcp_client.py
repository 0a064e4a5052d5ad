"""An agent's side of the page: a session of the protocol's own client, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

SECONDS = 60.0


@asynccontextmanager
async def connected(url: str, *, address: str = "127.0.0.1", **headers: str) -> AsyncIterator[ClientSession]:
    """Open a session with the server at this URL, from one of this machine's addresses."""
    transport = httpx.AsyncHTTPTransport(local_address=address)
    async with (
        httpx.AsyncClient(headers=headers, transport=transport, timeout=SECONDS, follow_redirects=True) as http,
        streamable_http_client(url, http_client=http) as (incoming, outgoing, _),
        ClientSession(incoming, outgoing) as session,
    ):
        await session.initialize()
        yield session
