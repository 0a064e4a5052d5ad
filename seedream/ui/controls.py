"""The form's controls, made from the schema: a text box, dropdowns, sliders, and what can't be changed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import gradio as gr
from gradio.components import Component

from seedream import texts
from seedream.schema import Field, Model
from seedream.settings import LimitRules


def control(field: Field, i18n: gr.I18n, *, visible: bool = True) -> Component:
    """Return the control of one field, its texts by their keys in the locale files.

    A text gets a text box, an enum a dropdown, an enum of consecutive integers a slider of step 1, and what
    has a single choice a dropdown that can't be changed.
    """
    key = f"field.{field.name}.info"
    common: dict[str, Any] = {
        "label": i18n(f"field.{field.name}.label"),
        "info": i18n(key) if texts.has(key) else None,
        "visible": visible,
        "elem_id": f"field-{field.name}",
    }
    if field.kind == "text":
        return gr.Textbox(str(field.default), lines=4, max_lines=6, **common)
    several = len(field.choices) > 1
    if field.kind == "number" and several:
        lowest, highest = int(field.choices[0]), int(field.choices[-1])
        return gr.Slider(lowest, highest, float(str(field.default)), step=1, **common)
    choices = [(i18n(f"value.{field.name}.{choice}"), choice) for choice in field.choices]
    # Nobody types a resolution; on a phone, a field to type in opens the keyboard over the choices.
    return gr.Dropdown(choices, value=field.default, filterable=False, interactive=several, **common)


def follow(model: Model, controls: dict[str, Component]) -> None:
    """Show a control only while the other fields make it count. The browser does it by itself."""
    for field in model.fields:
        for other in field.applies_when:
            rule = json.dumps(field.applies_when[other])
            controls[other].change(  # type: ignore[attr-defined]  # Gradio adds events at run time
                None,
                controls[other],
                controls[field.name],
                js=f"(value) => ({{__type__: 'update', visible: value === {rule}}})",
                show_progress="hidden",
                api_visibility="private",
            )


def offered(model: Model, rules: LimitRules | None) -> Model:
    """Return the model as the form offers it: without the choices that the limits would refuse anyway."""
    if rules is None:
        return model
    return replace(model, fields=tuple(_narrowed(field, rules) for field in model.fields))


def _narrowed(field: Field, rules: LimitRules) -> Field:
    choices = field.choices
    if field.name == "max_images":
        choices = tuple(choice for choice in choices if int(choice) <= rules.longest_series)
    if field.name == "resolution" and rules.resolutions is not None:
        choices = tuple(choice for choice in choices if choice in rules.resolutions)
    if not choices and field.choices:
        raise ValueError(f"the limits leave no choice for {field.name}")
    default = field.default if field.default in choices or not choices else choices[-1]
    return replace(field, choices=choices, default=default)
