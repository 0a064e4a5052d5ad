"""The page: its layout, and what is needed to launch it."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.components import Component

from seedream import texts
from seedream.schema import Model
from seedream.ui import endpoints, labels, locale_assets, mcp_tools
from seedream.ui.controls import control, follow, in_order, offered, tell
from seedream.ui.gallery import wall
from seedream.ui.routes import routes, static_path
from seedream.ui.services import Services
from seedream.ui.theme import theme

# Gradio's own temporary files: looked at every hour, dropped after a day. Both in seconds.
_DELETE_CACHE = (3600, 86400)
# In the order of the cascade.
STYLE_SHEETS = (
    "job/card.css",
    "developer/developer.css",
    "form/form.css",
    "export/exports.css",
    "lib/language-switch.css",
    "form/sizes.css",
    "style.css",
    "gallery/view.css",
)

# A press before the page's scripts are there waits for them.
_PRESS = """
(...values) => {
  (window.seedreamPresses ??= []).push(values);
  window.dispatchEvent(new Event("seedream:press"));
  return [];
}
"""


def page(services: Services) -> gr.Blocks:
    """Build the page. It shows nothing before `launch(**launch_options(services))`."""
    i18n = gr.I18n()
    demo: gr.Blocks
    with gr.Blocks(title=texts.text("page.title"), fill_width=True, delete_cache=_DELETE_CACHE) as demo:
        _heading(i18n, offline=services.settings.offline)
        with gr.Row(elem_id="atelier", equal_height=False):
            with gr.Column(elem_id="form", scale=0, min_width=320):
                _form(services, i18n)
            with gr.Column(elem_id="gallery", scale=1, min_width=320):
                wall(services)
        endpoints.register(services)
    return demo


def launch_options(services: Services) -> dict[str, Any]:
    """Return what `Blocks.launch` takes for this page; host and port are Gradio's own variables."""
    return {
        "theme": theme(),
        "i18n": gr.I18n(**labels.for_gradio(services.model)),
        "head": _head(),
        "app_kwargs": {
            "routes": [*routes(services), *locale_assets.routes(services.model)],
            "middleware": [locale_assets.middleware(services.model)],
            "lifespan": mcp_tools.lifespan(services),
        },
        "mcp_server": True,
        # Gradio's own history would keep every prompt in the browser in plain, with no way to forget one.
        "run_history": False,
        "footer_links": ["api", "gradio"],
        "ssr_mode": False,
        # Gradio keeps 48 KiB for each visitor in case a component has a state. None here has.
        "state_session_capacity": 200,
        "auth": services.settings.login,
    }


def _head() -> str:
    static = static_path()
    sheets = "".join(f'<link rel="stylesheet" href="{static}/{each}">' for each in STYLE_SHEETS)
    return f'{sheets}<script type="module" src="{static}/main.js"></script>'


def _heading(i18n: gr.I18n, *, offline: bool) -> None:
    with gr.Column(elem_id="heading"):
        gr.HTML(f"<h1>{texts.text('page.title')}</h1>", elem_id="title", apply_default_css=False)
        gr.Markdown(i18n("page.tagline"), elem_id="tagline")
        _frame("language")
    if offline:
        gr.Markdown(i18n("offline.banner"), elem_id="banner")


def _form(services: Services, i18n: gr.I18n) -> None:
    model = offered(services.model, services.settings.rules)
    controls = {}
    for field in model.fields:
        if field.name == "resolution":
            _frame("sizes")
        if field.kind != "fixed":
            controls[field.name] = control(field, i18n, visible=field.applies(model.defaults))
    with gr.Accordion(i18n("form.advanced"), open=False, elem_id="advanced"):
        for field in model.fields:
            if field.kind == "fixed":
                controls[field.name] = control(field, i18n)
        _frame("account")
        _frame("from-file")
    follow(model, controls)
    tell(model, controls)
    with gr.Column(elem_id="send"):
        _frame("notice")
        generate = gr.Button(i18n("form.generate"), variant="primary", elem_id="generate")
        _frame("price")
    _fill_button(model, controls)
    _frame("allowance")
    _frame("share")
    generate.click(
        None,
        in_order(model, controls),
        js=_PRESS,
        show_progress="hidden",
        api_visibility="private",
        trigger_mode="multiple",
    )


def _fill_button(model: Model, controls: dict[str, Component]) -> None:
    """Make the button, out of sight, by which the page's scripts set the controls."""
    fill = gr.Button("", elem_id="fill", visible="hidden")
    fill.click(
        None,
        None,
        in_order(model, controls),
        js="() => window.seedream.filling()",
        show_progress="hidden",
        api_visibility="private",
    )


def _frame(name: str) -> None:
    """Make an empty place that the page's scripts fill."""
    gr.HTML("", elem_id=name, apply_default_css=False, js_on_load="")
