"""The wall: where the jobs and their pictures are shown, and the two things that it asks the server for.

The component is an empty frame; `static/` draws in it, from the stream of states. It never puts foreign
text into a template or into markup.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from seedream.errors import SeedreamError
from seedream.examples import blocks, examples
from seedream.jobs import in_thread
from seedream.prices import Prices
from seedream.settings import OFFICIAL_BASE_URL
from seedream.ui.controls import offered
from seedream.ui.orders import checked_key, place, visitor
from seedream.ui.rooms import Rooms

_ON_LOAD = """
window.seedreamWall = {element, server, settings: props.settings};
window.dispatchEvent(new Event("seedream:wall"));
"""


def wall(rooms: Rooms) -> gr.HTML:
    """Return the wall's component."""
    prices = Prices(rooms.api.price)

    async def submit(order: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """Submit a job. `order`: `key`, made in the browser for this very press, `values` by field, `visit`.

        The answer names the request ID as soon as there is one: with it, any replica of this page can go on.
        """
        try:
            token = rooms.visits.token(order.get("visit"))
            who = visitor(rooms, request, token)
            running, sent = await place(rooms, who, checked_key(order["key"]), dict(order["values"]))
            record = await running.submitted()
        except SeedreamError as error:
            return _refusal(error)
        return {"request": sent, "own": token is not None, "request_id": record.request_id}

    async def cancel(order: dict[str, Any]) -> dict[str, Any]:
        """Take a queued job back. `order`: `key`, `request_id` or null, `own`, `visit`."""
        running = rooms.desk.find(checked_key(order["key"]))
        try:
            if running is not None:
                status = await running.cancel()
            else:
                account = rooms.account(rooms.visits.token(order.get("visit")) if order.get("own") else None)
                status = await in_thread(account.cancel, str(order["request_id"]))
        except SeedreamError as error:
            return _refusal(error)
        return {"state": status.state}

    async def bring_token(order: dict[str, Any]) -> dict[str, Any]:
        """Use a token of the visitor's own for this visit. `order`: `visit`, `token`; empty takes it back."""
        token = str(order["token"]).strip()
        try:
            if token:
                await in_thread(rooms.api.with_token(token).check_token)
        except SeedreamError as error:
            return _refusal(error)
        rooms.visits.bring(checked_key(order["visit"]), token)
        return {}

    async def allowance(order: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """Say how many pictures the visitor may still make: nothing where nobody counts. `order`: `visit`."""
        if rooms.limits is None or rooms.visits.token(order.get("visit")):
            return {}
        try:
            left = await rooms.limits.left(visitor(rooms, request).address)
        except SeedreamError as error:
            return _refusal(error)
        return {"pictures": left.pictures, "again_in_seconds": left.again_in_seconds}

    async def price(_: object) -> dict[str, Any]:
        """Say what a picture costs: `usd`, or null where nobody knows."""
        return {"usd": await prices.usd_per_picture()}

    return gr.HTML(
        html_template="",
        js_on_load=_ON_LOAD,
        apply_default_css=False,
        elem_id="wall",
        server_functions=[submit, cancel, bring_token, allowance, price],
        settings=page_settings(rooms),
    )


def page_settings(rooms: Rooms) -> dict[str, Any]:
    """Return what the page's scripts know of the model and of this page."""
    model = offered(rooms.model, rooms.settings.rules)
    return {
        "offline": rooms.settings.offline,
        "base_url": rooms.settings.base_url,
        "official_url": OFFICIAL_BASE_URL,
        "model_id": rooms.model.model_id,
        "login": rooms.settings.login is not None,
        "limited": rooms.limits is not None,
        "fields": [
            {
                "name": field.name,
                "default": field.default,
                "choices": field.choices,
                "recommended_words": field.recommended_words,
            }
            for field in model.fields
        ],
        "examples": [{"name": each.name, "settings": each.settings} for each in examples(model)],
        "blocks": blocks(),
    }


def _refusal(error: SeedreamError) -> dict[str, Any]:
    facts = {name: value for name, value in error.facts.items() if value is not None}
    return {"error": {"code": error.code, "field": error.field, "detail": error.detail, "facts": facts}}
