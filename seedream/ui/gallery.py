"""The wall: where the jobs and their pictures are shown, and the two things that it asks the server for.

The component is an empty frame; `static/` draws in it, from the stream of states. It never puts foreign
text into a template or into markup.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from seedream.errors import SeedreamError
from seedream.runcomfy.catalogue import Prices
from seedream.settings import OFFICIAL_BASE_URL
from seedream.ui import submission
from seedream.ui.controls import offered
from seedream.ui.examples import blocks, examples
from seedream.ui.services import Services
from seedream.ui.submission import checked_key, visitor_of

_ON_LOAD = """
window.seedreamWall = {element, server, settings: props.settings};
window.dispatchEvent(new Event("seedream:wall"));
"""


def wall(services: Services) -> gr.HTML:
    """Return the wall's component."""
    prices = Prices(services.api.usd_per_picture)

    async def submit(order: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """Submit a job. `order`: `key`, made in the browser for this very press, `values` by field, `visit`.

        The answer names the request ID as soon as there is one: with it, any replica of this page can go on.
        """
        try:
            token = services.visitor_tokens.token(order.get("visit"))
            who = visitor_of(services, request, token)
            running = await submission.submit(services, who, checked_key(order["key"]), dict(order["values"]))
            record = await running.submitted()
        except SeedreamError as error:
            return _refusal(error)
        return {"request": record.request, "own": token is not None, "request_id": record.request_id}

    async def cancel(order: dict[str, Any]) -> dict[str, Any]:
        """Take a queued job back. `order`: `key`, `request_id` or null, `own`, `visit`."""
        running = services.registry.find(checked_key(order["key"]))
        try:
            if running is not None:
                status = await running.cancel()
            else:
                token = services.visitor_tokens.token(order.get("visit")) if order.get("own") else None
                status = await services.account(token).cancel(str(order["request_id"]))
        except SeedreamError as error:
            return _refusal(error)
        return {"state": status.state}

    async def bring_token(order: dict[str, Any]) -> dict[str, Any]:
        """Use a token of the visitor's own for this visit. `order`: `visit`, `token`; empty takes it back."""
        token = str(order["token"]).strip()
        try:
            if token:
                await services.api.with_token(token).check_token()
        except SeedreamError as error:
            return _refusal(error)
        services.visitor_tokens.bring(checked_key(order["visit"]), token)
        return {}

    async def allowance(order: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """Say how many pictures the visitor may still make: nothing where nobody counts. `order`: `visit`."""
        if services.limits is None or services.visitor_tokens.token(order.get("visit")):
            return {}
        try:
            left = await services.limits.left(visitor_of(services, request).address)
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
        settings=page_settings(services),
    )


def page_settings(services: Services) -> dict[str, Any]:
    """Return what the page's scripts know of the model and of this page."""
    model = offered(services.model, services.settings.rules)
    return {
        "offline": services.settings.offline,
        "base_url": services.settings.base_url,
        "official_url": OFFICIAL_BASE_URL,
        "model_id": services.model.model_id,
        "login": services.settings.login is not None,
        "limited": services.limits is not None,
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
