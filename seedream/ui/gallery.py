"""The gallery: the component that shows the jobs and their pictures, and what it asks the server for.

Gradio draws an empty element; `static/main.js` draws in it, from the stream of events. Foreign text never gets
into a template or into markup.
"""

from __future__ import annotations

import asyncio
from abc import ABCMeta
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import wraps
from typing import Any

import gradio as gr
from gradio.component_meta import ComponentMeta
from gradio.components import Component

from seedream import texts
from seedream.errors import SeedreamError
from seedream.jobs.job import Job
from seedream.pictures.ai_mark import PACKET
from seedream.runcomfy.catalogue import Prices
from seedream.schema import Models
from seedream.schema.references import MOST_CHARACTERS, MOST_CHARACTERS_IN_ALL, MOST_PIXELS, PUBLIC_ADDRESS
from seedream.schema.words import description, is_known
from seedream.ui import submission
from seedream.ui.account import name_of
from seedream.ui.assets import module_path
from seedream.ui.controls import offered, with_controls
from seedream.ui.events import page_record
from seedream.ui.examples import PHRASES, examples
from seedream.ui.gradio_calls import unfit
from seedream.ui.services import Services
from seedream.ui.submission import checked, checked_key, chosen, id_of, visitor_of

# How many pictures of one prompt a press can make, each by a job of its own.
_ALTERNATIVES = (1, 2, 4)
# What can't start says so, instead of leaving a button that does nothing; a press leads to the sentence.
_ON_LOAD = """
const shell = document.querySelector("page-shell");
// Who waits for what is slow to come may type meanwhile.
setTimeout(() => { if (shell) shell.hidden = true; }, 3000);
import(new URL(props.module, document.baseURI))
  .then(({ start }) => start({ element, props, watch, server, fill: () => trigger("fill") }))
  .catch((error) => {
    shell?.remove();
    const said = document.createElement("p");
    Object.assign(said, { className: "notice", role: "alert", tabIndex: -1 });
    element.replaceChildren(said);
    said.textContent = props.failure[document.documentElement.lang];
    watch("value", () => said.focus());
    throw error;
  });
"""
# All presses: before the module is there, they wait for it.
_PRESSED = "(presses, ...held) => [[...(presses || []), held]]"
# Not the value: of two changes of one property in a row, its watcher hears the last alone.
_CHANGED = "(...held) => ({ __type__: 'update', props: { held } })"
_FILL = "async () => (await import(new URL('{module}', document.baseURI))).filling()"


class _WithoutStub(ComponentMeta):
    """Makes a component's class. Gradio's own would write a `.pyi` file beside this one."""

    def __new__(cls, name: str, bases: tuple[type, ...], attributes: dict[str, Any]) -> _WithoutStub:
        return ABCMeta.__new__(cls, name, bases, attributes)


class Gallery(gr.HTML, metaclass=_WithoutStub):
    """The gallery.

    Its value is what the controls held at each press of the button, its property `held` what they hold now; its
    event `fill` sets them.
    """

    def __init__(self, services: Services) -> None:
        super().__init__(
            html_template="",
            js_on_load=_ON_LOAD,
            apply_default_css=False,
            elem_id="gallery",
            server_functions=_server_functions(services),
            module=module_path(),
            settings=page_settings(services),
            failure={language: texts.text("page.not_started", language) for language in texts.locales()},
        )

    def connect(self, generate: gr.Button, controls: Sequence[Component]) -> None:
        """Hear of each press of `generate` and of each choice in the controls, and fill them.

        Of what is typed the scripts hear by themselves, and sooner.
        """
        quiet: dict[str, Any] = {
            "show_progress": "hidden",
            "api_visibility": "private",
            "trigger_mode": "multiple",
        }
        generate.click(None, [self, *controls], self, js=_PRESSED, **quiet)
        # Gradio adds events at run time.
        choices: list[Any] = [each for each in controls if not isinstance(each, gr.Textbox)]
        gr.on([each.change for each in choices], None, controls, self, js=_CHANGED, **quiet)
        self.fill(None, None, controls, js=_FILL.format(module=module_path()), **quiet)


def _server_functions(services: Services) -> list[Callable[..., Any]]:
    models = [model.model_id for model in services.models.both]
    prices = {each: Prices(replace(services.api, model_id=each).usd_per_picture) for each in models}

    async def submit(order: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """Submit a job. `order`: `key`, made in the browser for this press, `ticket`, `values`, `own`, `seal`.

        The answer has the request ID as soon as there is one: with it, any replica of this page can go on.
        """
        who = visitor_of(services, request, _payer(services, order))
        key, epoch = checked_key(order.get("key")), services.tickets.read(order.get("ticket"))
        values = order.get("values")
        if not isinstance(values, dict):
            raise unfit("values")
        sending = await checked(services, who, chosen(services, values))
        running = await submission.submit(services, who, key, sending, epoch)
        return {"request": sending.told, "record": page_record(await running.submitted())}

    async def cancel(order: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """Take a queued job back. `order`: `key`, `request_id` or null, `own`, `seal`."""
        running = services.registry.find(checked_key(order.get("key")))
        if running is not None:
            return {"state": (await running.cancel()).state}
        if not order.get("request_id"):
            raise SeedreamError("not_submitted_yet")
        who = visitor_of(services, request, _payer(services, order))
        job = Job(services.taking_up(str(order["request_id"]), who.token, who.id))
        return {"state": (await job.cancel()).state}

    async def seal_token(order: dict[str, Any]) -> dict[str, Any]:
        """Check a `token` of the visitor's own, and give it back sealed."""
        if not services.settings.own_tokens:
            raise SeedreamError("own_token_unwanted")
        token = str(order.get("token", "")).strip()
        await services.account(token).check_token()
        return {"seal": services.sealed_tokens.seal(token)}

    async def allowance(order: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """Say what is left for who pays: nothing of what nobody counts. `order`: `own`, `seal`.

        `pictures` that the visitor may still make on this page's account, and when it will be more,
        `again_in_seconds`; `signed_in`, the name at the Hub; and the account's `balance_usd`: the visitor's
        own, or the owner's where all have logged in.
        """
        token = _payer(services, order)
        if token:
            return {"balance_usd": await services.account(token).balance_usd()}
        left = await services.limits.left(id_of(services, request)) if services.limits else None
        shown = services.settings.login and not services.settings.offline
        owners = await services.api.balance_usd() if shown else None
        return {**(asdict(left) if left else {}), "signed_in": name_of(request), "balance_usd": owners}

    async def price(order: dict[str, Any]) -> dict[str, Any]:
        """Say what a picture of each model costs: `usd` by model ID, null where nobody knows. `own`, `seal`."""
        token = _payer(services, order)
        if token and services.settings.offline:
            # Nobody but this visitor can ask for it.
            api = services.account(token)
            asked = [replace(api, model_id=each).usd_per_picture() for each in prices]
        else:
            asked = [each.usd_per_picture() for each in prices.values()]
        return {"usd": dict(zip(prices, await asyncio.gather(*asked), strict=True))}

    return [_refusing(each) for each in (submit, cancel, seal_token, allowance, price)]


def _payer(services: Services, order: Mapping[str, Any]) -> str | None:
    """Return the token that pays: the press says whose. None is the owner's.

    Raises:
        SeedreamError: `own_token_needed`: the visitor's own is to pay, and is not there. Nobody else pays for it.
    """
    return services.sealed_tokens.open(order.get("seal")) if order.get("own") else None


def _refusing(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Have a handler answer with what went wrong, which the page puts into words.

    What this page does not send has its answer from the gate.
    """

    @wraps(handler)
    async def answer(*inputs: Any) -> dict[str, Any]:
        if not isinstance(inputs[0], dict):
            raise unfit("data")
        try:
            return dict(await handler(*inputs))
        except SeedreamError as error:
            if error.code == "body_unfit":
                raise
            facts = {name: value for name, value in error.facts.items() if value is not None}
            return {"error": {"code": error.code, "field": error.field, "detail": error.detail, "facts": facts}}

    return answer


def page_settings(services: Services) -> dict[str, Any]:
    """Return what the page's scripts know of the model and of this page."""
    rules = services.settings.rules
    model = offered(services.model, rules)
    told = ("name", "kind", "default", "choices", "lowest", "highest", "recommended_words", "most_characters")
    return {
        "offline": services.settings.offline,
        "base_url": services.settings.base_url,
        "real_url": services.settings.visitors_base_url,
        "own_tokens": services.settings.own_tokens,
        "model_id": services.model.model_id,
        "login": services.settings.login is not None,
        "sign_in": services.settings.sign_in,
        "limited": services.limits is not None,
        "alternatives": [each for each in _ALTERNATIVES if rules is None or each <= rules.most_alternatives],
        "fields": [
            {
                **{name: getattr(field, name) for name in told},
                "description": None if is_known(field) else description(field),
            }
            for field in with_controls(model)
        ],
        "shape_field": model.shape and model.shape.name,
        "made_by_ai_xmp": PACKET,
        "price_varies": services.model.price_varies,
        "edit": edit_settings(services.models),
        "examples": [asdict(each) for each in examples(model)],
        "phrases": PHRASES,
    }


def edit_settings(models: Models) -> dict[str, Any] | None:
    """Return what the page's scripts know of references: null where no model takes any."""
    model = models.edit or models.plain
    if model.pictures is None or model.pictures.references is None:
        return None
    return {
        "model_id": model.model_id,
        "field": model.pictures.name,
        "fields": [field.name for field in model.fields],
        "most_together": model.most_together,
        "most_characters": MOST_CHARACTERS,
        "most_characters_in_all": MOST_CHARACTERS_IN_ALL,
        "most_pixels": MOST_PIXELS,
        "addresses": asdict(PUBLIC_ADDRESS),
        **asdict(model.pictures.references),
    }
