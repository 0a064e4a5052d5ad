"""The page as an agent meets it: over HTTP, with the protocol's own client."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from io import BytesIO
from typing import Any
from urllib.request import urlopen

import pytest
from mcp import ClientSession, types
from PIL import Image

from tests.controlled_api import TOKEN, ControlledApi, controlled_api
from tests.servers import AppProcess, Recorder, running_app
from tests.ui.mcp_client import connected


def agent(
    app: AppProcess, address: str = "127.0.0.1", **headers: str
) -> AbstractAsyncContextManager[ClientSession]:
    return connected(f"{app.url}/gradio_api/mcp/", address=address, **headers)


def texts_of(result: types.CallToolResult) -> list[str]:
    return [each.text for each in result.content if isinstance(each, types.TextContent)]


def record_of(result: types.CallToolResult) -> dict[str, Any]:
    assert not result.isError, result.content
    found: dict[str, Any] = json.loads(texts_of(result)[0])
    return found


def pictures_of(result: types.CallToolResult) -> list[Image.Image]:
    images = [each for each in result.content if isinstance(each, types.ImageContent)]
    return [Image.open(BytesIO(base64.b64decode(each.data))) for each in images]


@pytest.fixture(scope="module")
def still() -> Iterator[tuple[ControlledApi, AppProcess]]:
    """An app whose API has jobs that wait until the test lets them go on."""
    with controlled_api() as api, running_app(api.environment()) as app:
        yield api, app


async def test_there_are_three_tools_that_say_what_they_cost(paid_app: AppProcess) -> None:
    async with agent(paid_app) as session:
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        offered = session.get_server_capabilities()
    assert offered and offered.tools and not offered.resources and not offered.prompts
    assert set(tools) == {"generate", "edit", "resume", "cancel"}
    hints = {name: tool.annotations for name, tool in tools.items()}
    assert hints["generate"] and not hints["generate"].readOnlyHint and not hints["generate"].idempotentHint
    assert "costs money" in str(hints["generate"].title)
    assert hints["resume"] and hints["resume"].readOnlyHint
    assert "paid for" in str(tools["generate"].description)
    fields = tools["generate"].inputSchema["properties"]
    assert "2304x1728 (4:3)" in fields["resolution"]["enum"]
    assert "auto: A series." in fields["sequential_image_generation"]["description"]
    assert all(field["description"] for field in fields.values())


async def test_an_agent_generates_and_resumes(paid_app: AppProcess, service: Recorder) -> None:
    before = len(service.submissions())
    series = {"prompt": "four foxes", "sequential_image_generation": "auto", "max_images": 4}
    async with agent(paid_app) as session:
        made = await session.call_tool("generate", series)
        again = await session.call_tool("resume", {"request_id": record_of(made)["request_id"]})
    assert len(service.submissions()) == before + 1
    record = record_of(made)
    assert record["status"] == "completed" and record["cost_usd"] is not None
    assert len(record["outputs"]) == len(record["originals"]) == 4
    assert record_of(again)["outputs"] == record["outputs"]
    for result in (made, again):
        assert [max(image.size) for image in pictures_of(result)] == [768] * 4
        assert sum(len(str(each)) for each in result.content) < 1_000_000
        assert TOKEN not in str(result)


async def test_an_agent_sees_progress(still: tuple[ControlledApi, AppProcess]) -> None:
    api, app = still
    steps = {"In line": api.draw, "Being drawn": api.finish}

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        if step := next((each for each in steps if each in (message or "")), None):
            steps.pop(step)()

    async with agent(app) as session:
        made = await session.call_tool("generate", {"prompt": "a slow fox"}, progress_callback=hear)
    assert record_of(made)["status"] == "completed"
    assert not steps


async def test_a_wrong_value_is_named_with_what_would_fit(paid_app: AppProcess, service: Recorder) -> None:
    before = len(service.submissions())
    async with agent(paid_app) as session:
        size = await session.call_tool("generate", {"prompt": "a fox", "resolution": "9x9"})
        nothing = await session.call_tool("generate", {"prompt": "  "})
    assert size.isError and "9x9" in texts_of(size)[0] and "2304x1728 (4:3)" in texts_of(size)[0]
    assert nothing.isError and "prompt_empty" in texts_of(nothing)[0]
    assert len(service.submissions()) == before


async def test_an_agent_cancels_a_queued_job(still: tuple[ControlledApi, AppProcess]) -> None:
    api, app = still
    request_id = api.client().submit()
    async with agent(app) as session:
        cancelled = await session.call_tool("cancel", {"request_id": request_id})
        resumed = await session.call_tool("resume", {"request_id": request_id})
    assert record_of(cancelled)["status"] == "cancelled"
    assert resumed.isError and "job_cancelled" in texts_of(resumed)[0] and request_id in texts_of(resumed)[0]


async def test_an_agent_may_pay_from_an_account_of_its_own(paid_app: AppProcess, service: Recorder) -> None:
    async with agent(paid_app, **{"X-RunComfy-Token": "an-agents-own"}) as session:
        made = await session.call_tool("generate", {"prompt": "a fox of its own"})
    assert record_of(made)["status"] == "completed"
    assert service.submissions()[-1].headers["authorization"] == "Bearer an-agents-own"
    assert "an-agents-own" not in str(made)


async def test_samples_are_called_samples(sample_app: AppProcess) -> None:
    async with agent(sample_app) as session:
        made = await session.call_tool("generate", {"prompt": "a fox"})
    assert [max(image.size) for image in pictures_of(made)] == [1280]
    assert any("samples" in text and "not the model's work" in text for text in texts_of(made))


@pytest.mark.thorough
async def test_agents_count_as_who_they_are_and_not_as_who_they_say(service: Recorder) -> None:
    own = {"RUNCOMFY_TOKEN": TOKEN, "RUNCOMFY_BASE_URL": service.url}
    two = {"prompt": "foxes", "sequential_image_generation": "auto", "max_images": 2}
    before = len(service.submissions())
    with running_app({**own, "SEEDREAM_LIMITS": "on", "SEEDREAM_PICTURES_PER_HOUR": "2"}) as app:
        for address in ("127.0.0.2", "127.0.0.3"):
            async with agent(app, address) as session:
                assert record_of(await session.call_tool("generate", two))
        for headers in ({}, {"X-Forwarded-For": "127.0.0.4"}):
            async with agent(app, "127.0.0.3", **headers) as session:
                refused = await session.call_tool("generate", {"prompt": "another fox"})
                assert refused.isError and "[limit_pictures]" in texts_of(refused)[0]
    assert len(service.submissions()) == before + 2


@pytest.mark.thorough
async def test_sixty_agents_that_wait_hold_up_nobody(still: tuple[ControlledApi, AppProcess]) -> None:
    api, app = still
    watched, queued = api.client().submit(), api.client().submit()
    async with AsyncExitStack() as stack:
        waiting = []
        for _ in range(60):
            session = await stack.enter_async_context(agent(app))
            waiting.append(asyncio.create_task(session.call_tool("resume", {"request_id": watched})))
        await asyncio.sleep(0.5)
        async with agent(app) as session:
            cancelled = await asyncio.wait_for(session.call_tool("cancel", {"request_id": queued}), 10)
            assert record_of(cancelled)["status"] == "cancelled"
        api.finish()
        ends = await asyncio.wait_for(asyncio.gather(*waiting), 30)
    assert {record_of(each)["status"] for each in ends} == {"completed"}


async def test_an_original_is_where_an_agent_is_told(paid_app: AppProcess) -> None:
    async with agent(paid_app) as session:
        record = record_of(await session.call_tool("generate", {"prompt": "a fox to keep"}))
    (kept,) = record["originals"]
    assert kept.startswith(paid_app.url)
    with Image.open(BytesIO(await asyncio.to_thread(lambda: urlopen(kept, timeout=30).read()))) as image:
        assert image.size == (2304, 1728)


async def test_behind_a_login_an_agent_sees_the_tools_and_can_use_none() -> None:
    with (
        controlled_api() as api,
        running_app(api.environment(SEEDREAM_USER="ada", SEEDREAM_PASSWORD="lovelace")) as app,
    ):
        request_id = api.client().submit()
        login = base64.b64encode(b"ada:lovelace").decode()
        for headers in ({}, {"Authorization": f"Basic {login}"}):
            async with agent(app, **headers) as session:
                listed = {tool.name for tool in (await session.list_tools()).tools}
                assert listed == {"generate", "edit", "resume", "cancel"}
                for tool in listed:
                    arguments: dict[str, Any] = {"request_id": request_id}
                    if tool in ("generate", "edit"):
                        arguments = {"prompt": "a fox"}
                    if tool == "edit":
                        arguments["image"] = ["https://example.org/a.png"]
                    refused = await asyncio.wait_for(session.call_tool(tool, arguments), 30)
                    assert refused.isError and "login" in texts_of(refused)[0]
        assert api.submitted() == 1
        assert api.client().status(request_id)["status"] == "in_queue"
