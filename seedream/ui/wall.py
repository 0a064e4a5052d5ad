"""The wall: where the jobs and their pictures are shown, and the two things that it asks the server for.

The component is an empty frame; `static/` draws in it, from the stream of states. It never puts foreign
text into a template or into markup.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from seedream.errors import SeedreamError
from seedream.jobs import Job, in_thread
from seedream.schema import Model
from seedream.ui.rooms import Rooms

_ON_LOAD = """
window.seedreamWall = {element, server, settings: props.settings};
window.dispatchEvent(new Event("seedream:wall"));
"""
_KEY_LENGTH = 64


def wall(rooms: Rooms) -> gr.HTML:
    """Return the wall's component."""

    async def submit(order: dict[str, Any]) -> dict[str, Any]:
        """Start a job. `order`: `key`, made in the browser for this very press, and `values` by field."""
        try:
            request = rooms.model.request(dict(order["values"]))
            rooms.desk.start(_key(order), lambda: Job(rooms.api, request))
        except SeedreamError as error:
            return _refusal(error)
        return {"request": request}

    async def cancel(order: dict[str, Any]) -> dict[str, Any]:
        """Take a queued job back. `order`: `key`, and `request_id` or null."""
        running = rooms.desk.find(_key(order))
        try:
            if running is not None:
                status = await running.cancel()
            else:
                status = await in_thread(rooms.api.cancel, str(order["request_id"]))
        except SeedreamError as error:
            return _refusal(error)
        return {"state": status.state}

    return gr.HTML(
        html_template="",
        js_on_load=_ON_LOAD,
        apply_default_css=False,
        elem_id="wall",
        server_functions=[submit, cancel],
        settings=page_settings(rooms.model, offline=rooms.settings.offline),
    )


def page_settings(model: Model, *, offline: bool) -> dict[str, Any]:
    """Return what the page's scripts know of the model."""
    return {
        "offline": offline,
        "fields": [
            {
                "name": field.name,
                "kind": field.kind,
                "applies_when": dict(field.applies_when),
                "recommended_words": field.recommended_words,
            }
            for field in model.fields
        ],
    }


def _key(order: dict[str, Any]) -> str:
    key = order["key"]
    if not isinstance(key, str) or not 16 <= len(key) <= _KEY_LENGTH:
        raise SeedreamError("internal")
    return key


def _refusal(error: SeedreamError) -> dict[str, Any]:
    facts = {name: value for name, value in error.facts.items() if value is not None}
    return {"error": {"code": error.code, "field": error.field, "detail": error.detail, "facts": facts}}
