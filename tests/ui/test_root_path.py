"""The page below a root path: scripts, agents and plain requests get in there, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from gradio_client import Client

from tests.servers import running_app
from tests.ui.mcp_client import connected

ROOT = "/studio"
SECONDS = 30.0


@pytest.fixture(scope="module")
def below() -> Iterator[str]:
    with running_app({"GRADIO_ROOT_PATH": ROOT}) as app:
        yield f"{app.url}{ROOT}"


def test_a_script_makes_a_picture(below: str) -> None:
    files, record = Client(below, verbose=False).predict(
        prompt="a bay", output_format="jpeg", api_name="/generate"
    )
    assert record["status"] == "completed"
    assert len(files) == 1


async def test_an_agent_sees_the_tools(below: str) -> None:
    async with connected(f"{below}/gradio_api/mcp/") as session:
        assert "generate" in {tool.name for tool in (await session.list_tools()).tools}


def test_a_plain_request_is_answered_and_what_is_not_there_is_not(below: str) -> None:
    ticket = requests.post(f"{below}/atelier/ticket", timeout=SECONDS)
    assert ticket.json()["ticket"]
    assert requests.get(f"{below}/healthz", timeout=SECONDS).text == "ok"
    for path in ("/gradio_api/upload", f"{ROOT}/healthz"):
        assert requests.get(below + path, timeout=SECONDS).status_code == 404
    foreign = requests.post(
        f"{below}/atelier/ticket", headers={"Origin": "https://other.example"}, timeout=SECONDS
    )
    assert foreign.status_code == 403
