"""The page: its layout, and what is needed to launch it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr
from anyio import to_thread
from gradio.components import Component
from starlette.middleware import Middleware

from seedream import texts
from seedream.pictures.images import trim
from seedream.schema import Field
from seedream.schema.series import SERIES
from seedream.ui import endpoints, labels
from seedream.ui.assets import assets
from seedream.ui.controls import control, follow, has_sizes, is_advanced, offered, with_controls
from seedream.ui.gallery import Gallery
from seedream.ui.gate import install_gate
from seedream.ui.gradio_sessions import allow_many_calls, forget_left
from seedream.ui.mcp_tools import serve_tools
from seedream.ui.routes import routes
from seedream.ui.services import Services
from seedream.ui.shell import Shell
from seedream.ui.sign_in import SignIn, sign_in_button
from seedream.ui.theme import theme

if TYPE_CHECKING:
    from gradio.routes import App

# Gradio's own temporary files: looked at every hour, dropped after a day. Both in seconds.
_DELETE_CACHE = (3600, 86400)
# How often memory that was needed for a moment goes back to the system.
_TRIM_SECONDS = 15.0


def page(services: Services) -> gr.Blocks:
    """Build the page. It shows nothing before `launch(**launch_options(services))`."""
    i18n = gr.I18n()
    demo: gr.Blocks
    sign_in = sign_in_button(i18n("form.sign_in")) if services.settings.sign_in else None
    title = services.model.name or texts.text("page.title")
    with gr.Blocks(
        title=title,
        fill_width=True,
        delete_cache=_DELETE_CACHE,
        # Or each start, each visit and each error would be told to Gradio's makers.
        analytics_enabled=False,
    ) as demo:
        _heading(i18n, title, sign_in, offline=services.settings.offline)
        with gr.Row(elem_id="atelier", equal_height=False):
            with gr.Column(elem_id="form", scale=0, min_width=320):
                generate, controls = _form(services, i18n)
            Gallery(services).connect(generate, controls)
        endpoints.register(services)
    return demo


def launch_options(services: Services) -> dict[str, Any]:
    """Return what `Blocks.launch` takes for this page; host and port are Gradio's own variables."""
    shell = Shell(services.model, services.settings)
    files, page_head = assets(services.model, shell.html)
    return {
        "theme": theme(),
        "i18n": gr.I18n(**labels.for_gradio(services.model)),
        "app_kwargs": {
            "routes": [*routes(services), *files],
            "middleware": [page_head, *([Middleware(SignIn)] if services.settings.sign_in else ())],
            "lifespan": _lifespan(services),
        },
        "mcp_server": True,
        # Gradio's own history would keep every prompt in the browser in plain, with no way to forget one.
        "run_history": False,
        "footer_links": ["api", "gradio"],
        "ssr_mode": False,
        # Gradio keeps 48 KiB for each visitor in case a component has a state. None here has.
        "state_session_capacity": 10,
        "auth": services.settings.login,
        "auth_message": '<login-note role="alert"></login-note>',
    }


def _lifespan(services: Services) -> Callable[[App], AbstractAsyncContextManager[None]]:
    """Return what happens before the first request: by then Gradio has made its servers, and started none."""

    @asynccontextmanager
    async def during(app: App) -> AsyncIterator[None]:
        allow_many_calls(app)
        serve_tools(app, services)
        install_gate(app, services)
        # What is there from the start need not be looked through each time. Done while somebody is served, this
        # would keep for good whatever that leaves in circles.
        gc.freeze()
        trimming = asyncio.create_task(_trim(app))
        yield
        trimming.cancel()

    return during


async def _trim(app: App) -> None:
    """Give memory back: of sessions that were left, of errors, and what lies free between the rest."""
    while True:
        await asyncio.sleep(_TRIM_SECONDS)
        forget_left(app)
        gc.collect()
        # Where Gradio's threads are, too: those that had nothing to do meanwhile end by that.
        await to_thread.run_sync(trim)


def _heading(i18n: gr.I18n, title: str, sign_in: gr.LoginButton | None, *, offline: bool) -> None:
    with gr.Column(elem_id="heading"):
        gr.HTML(f"<h1>{escape(title)}</h1>", elem_id="title", apply_default_css=False)
        _mount("running")
        gr.Markdown(i18n("page.tagline"), elem_id="tagline")
        if offline:
            gr.Markdown(i18n("offline.banner"), elem_id="banner")
        if sign_in:
            _mount("signed-in")
            sign_in.render()  # type: ignore[no-untyped-call]  # Gradio's own has no types
        _mount("language")


def _form(services: Services, i18n: gr.I18n) -> tuple[gr.Button, list[Component]]:
    """Make the form, and return its button and its controls in the schema's order."""
    model = offered(services.model, services.settings.rules)
    shown = with_controls(model)
    controls: dict[str, Component] = {}

    def add(field: Field) -> None:
        drawn, visible = field is model.shape, field.applies(model.defaults)
        controls[field.name] = control(field, i18n, visible=visible, drawn=drawn)

    for field in shown:
        if field is model.shape and has_sizes(model):
            _mount("sizes")
        if field.name == SERIES:
            _mount("how-many")
        if not is_advanced(field, model):
            add(field)
        if field is shown[0]:
            _mount("references")
    if SERIES not in controls:
        _mount("how-many")
    advanced = [field for field in shown if is_advanced(field, model)]
    apart = bool(advanced or services.settings.login)
    with gr.Accordion(i18n("form.advanced"), open=False, elem_id="advanced", visible=apart):
        for field in advanced:
            add(field)
        _mount("fixed")
        if services.settings.login:
            _mount("logout")
    follow(model, controls)
    with gr.Column(elem_id="send"):
        _mount("notice")
        generate = gr.Button(i18n("form.generate"), variant="primary", elem_id="generate")
        _mount("price")
        _mount("account")
    _mount("share")
    return generate, [controls[field.name] for field in shown]


def _mount(name: str) -> None:
    """Keep a place for what the page's scripts draw."""
    gr.HTML("", elem_id=name, apply_default_css=False, js_on_load="")
