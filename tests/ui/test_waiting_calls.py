"""Calls that wait: many, abandoned, and pushed aside by strangers; the rest of the page goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
import pytest
import requests
from gradio.routes import App
from gradio.server_messages import EstimationMessage
from gradio.state_holder import SessionState

from seedream.errors import SeedreamError
from seedream.ui.gradio_sessions import Sessions, States, allow_many_calls
from seedream.ui.waiting_calls import WaitingCalls, while_heard
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess

SECONDS = 10.0


def call(app: AppProcess, name: str, *data: object, **extra: object) -> str:
    """Call an endpoint as plain HTTP does; its answer is there to be fetched by the name that this returns."""
    body = {"data": data, **extra}
    answer = requests.post(f"{app.url}/gradio_api/call/{name}", json=body, timeout=SECONDS)
    return str(answer.json()["event_id"])


def answer_of(app: AppProcess, name: str, event: str) -> tuple[str, Any]:
    """Return the last thing that a call is told, and of which kind it is."""
    url, told = f"{app.url}/gradio_api/call/{name}/{event}", ("", "null")
    with requests.get(url, stream=True, timeout=SECONDS) as stream:
        lines = [line.partition(": ")[2] for line in stream.iter_lines(decode_unicode=True) if line]
    told = (lines[-2], lines[-1])
    return told[0], json.loads(told[1])


def test_sixty_abandoned_calls_hold_up_no_cancellation(app: AppProcess, api: ControlledApi) -> None:
    watched, queued = api.client().submit(), api.client().submit()
    for _ in range(60):
        call(app, "resume", watched)
    kind, (record,) = answer_of(app, "cancel", call(app, "cancel", queued))
    assert (kind, record["status"]) == ("complete", "cancelled")


def test_one_visitor_has_so_many_calls_waiting_and_no_more() -> None:
    calls = WaitingCalls(most=3, most_each=2)
    with calls.one("ada"), calls.one("ada"):
        with pytest.raises(SeedreamError) as refused, calls.one("ada"):
            pass
        assert (refused.value.code, refused.value.facts) == ("limit_calls", {"limit": 2})
        with calls.one("bob"):
            with pytest.raises(SeedreamError) as refused, calls.one("eve"):
                pass
            assert refused.value.facts == {"limit": 3}
        with calls.one("eve"):
            pass
    with calls.one("ada"):
        pass


async def numbers(go_on: asyncio.Event) -> AsyncIterator[int]:
    yield 1
    await go_on.wait()
    yield 2


async def test_what_nobody_hears_ends() -> None:
    listens, go_on = True, asyncio.Event()

    async def heard() -> bool:
        return listens

    found = []
    async for each in while_heard(numbers(go_on), heard, 0.01):
        found.append(each)
        listens = False
    assert found == [1, None]


async def test_what_is_heard_goes_on_to_its_end() -> None:
    asked, go_on = 0, asyncio.Event()

    async def heard() -> bool:
        nonlocal asked
        asked += 1
        if asked == 3:
            go_on.set()
        return True

    assert [each async for each in while_heard(numbers(go_on), heard, 0.01)] == [1, 2]


async def test_a_session_that_listens_is_not_forgotten_for_thousands_that_do_not() -> None:
    events: dict[str, set[str]] = {"waits": {"event"}}
    sessions = Sessions(events, most=20)
    sessions["waits"] = asyncio.Queue()
    waiting = asyncio.create_task(sessions["waits"].get())
    await asyncio.sleep(0)
    for number in range(100):
        events[f"stranger {number}"] = {"event"}
        sessions[f"stranger {number}"] = asyncio.Queue()
    assert len(sessions) == 20 and len(events) == 20
    sessions["stranger 1"].put_nowait("told to nobody")
    assert "stranger 1" not in sessions and len(sessions) == 20
    sessions["waits"].put_nowait("told")
    assert await waiting == "told"


async def test_of_sessions_that_nobody_listens_to_the_newest_are_kept() -> None:
    events = {str(number): {"event"} for number in range(20)}
    sessions = Sessions(events)
    for number in range(20):
        sessions[str(number)] = asyncio.Queue()
    waiting = asyncio.create_task(sessions["0"].get())
    await asyncio.sleep(0)
    sessions.forget_left(kept=5, seconds=60)
    assert len(sessions) == 20
    sessions.forget_left(kept=5, seconds=0)
    assert list(sessions) == list(events) == ["0", *map(str, range(15, 20))]
    waiting.cancel()


async def test_guesses_when_a_turn_comes_are_kept_for_those_who_wait_for_them() -> None:
    sessions, guess = Sessions({}), EstimationMessage(queue_size=1)
    sessions["x"] = asyncio.Queue()
    for said in (guess, "done"):
        sessions["x"].put_nowait(said)
    assert await sessions["x"].get() == "done"
    waiting = asyncio.create_task(sessions["x"].get())
    await asyncio.sleep(0)
    sessions["x"].put_nowait(guess)
    assert await waiting is guess


async def test_a_session_is_heard_for_as_long_as_somebody_asks() -> None:
    sessions = Sessions({}, gone_seconds=0.05)
    sessions["new"] = asyncio.Queue()
    assert sessions.heard("new")
    assert not sessions.heard("another")
    asking = asyncio.create_task(sessions["new"].get())
    await asyncio.sleep(0.1)
    assert sessions.heard("new")
    asking.cancel()
    await asyncio.sleep(0.1)
    assert not sessions.heard("new")


@pytest.fixture
def gradio_app() -> App:
    with gr.Blocks() as demo:
        gr.Textbox("told", elem_id="told")
    return App.create_app(demo)


def test_gradio_is_as_this_project_knows_it(gradio_app: App) -> None:
    queue = gradio_app.get_blocks()._queue
    names = ("max_thread_count", "pending_messages_per_session", "pending_event_ids_session")
    assert all(hasattr(queue, name) for name in (*names, "ANALYTICS_MAX_EVENTS", "ANAYLTICS_CACHE_FREQUENCY"))
    allow_many_calls(gradio_app)
    assert isinstance(queue.pending_messages_per_session, Sessions)
    assert isinstance(gradio_app.state_holder, States)
    assert gradio_app.state_holder is gradio_app.get_blocks().state_holder


def test_a_sessions_state_is_as_gradio_makes_it_and_its_own_alone(gradio_app: App) -> None:
    usual = SessionState(gradio_app.get_blocks())
    allow_many_calls(gradio_app)
    one, other = gradio_app.state_holder["one"], gradio_app.state_holder["other"]
    assert vars(one).keys() == vars(usual).keys()
    assert one.config_values == usual.config_values
    number = next(iter(one.config_values))
    one.config_values[number] = {"props": {"value": "a secret"}}
    one.state_data[number] = "a secret"
    assert str(vars(gradio_app.state_holder["one"])).count("a secret") == 2
    for each in (other, gradio_app.state_holder["new"]):
        assert "a secret" not in str(each.config_values) + str(each.state_data)


def test_a_sessions_state_keeps_nothing_of_its_calls(gradio_app: App) -> None:
    allow_many_calls(gradio_app)
    state = gradio_app.state_holder["one"]
    # Gradio's own, whenever a call comes and whenever it is answered.
    state._update_value_in_config(next(iter(state.config_values)), "a long prompt")
    assert "a long prompt" not in str(vars(state))
