"""The form's controls, made from the schema: one for each kind of field."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.i18n import I18nData

from seedream import texts
from seedream.schema import Choice, Field, Model
from seedream.schema.series import HOW_MANY
from seedream.schema.words import is_known, label
from seedream.settings import LimitRules
from seedream.ui.labels import choice_label

_LINES, _FEW_LINES = 4, 2
# About as many as a slider is long.
_STEPS = 100


def control(field: Field, i18n: gr.I18n, *, visible: bool = True, drawn: bool = False) -> Component:
    """Return the control of one field, its texts by their keys in the locale files, or as its schema has them.

    A text gets a text box, an enum a dropdown, a number with bounds a slider, and one without them a box. What has
    one value only gets a dropdown that nobody sees, for the request: the page's scripts say it in a line of text.
    They also draw a schema's own description: Gradio would read it as markup.

    Args:
        field: of the model.
        i18n: the texts that Gradio's components show.
        visible: at the start.
        drawn: whether its values are also drawn as shapes, by the page's scripts.
    """
    key = f"field.{field.name}.info"
    known = is_known(field)
    common: dict[str, Any] = {
        "label": i18n(f"field.{field.name}.label") if known else label(field),
        "info": i18n(key) if known and texts.has(key) else None,
        "visible": visible,
        "elem_id": f"field-{field.name}",
        "elem_classes": ["shape-field"] if drawn else None,
    }
    if field.kind == "text":
        lines = _LINES if field.required else _FEW_LINES
        return gr.Textbox(_first(field, i18n), lines=lines, max_lines=6, **common)
    if field.kind == "boolean":
        return gr.Checkbox(field.default is True, **common)
    if field.kind == "fixed":
        return gr.Dropdown(list(field.choices), value=field.default, visible=False)
    if field.kind == "number":
        return _number(field, common)
    choices = [(_choice(field, choice, i18n), choice) for choice in field.choices]
    # Nobody types a resolution; on a phone, a field to type in opens the keyboard over the choices.
    return gr.Dropdown(choices, value=field.default, filterable=False, interactive=True, **common)


def _first(field: Field, i18n: gr.I18n) -> str | I18nData:
    """Return what a text holds at first: the schema's own example, in the visitor's language where it is known."""
    key = f"field.{field.name}.first"
    known = texts.has(key) and texts.text(key) == field.default
    return i18n(key) if known else str(field.default)


def _number(field: Field, common: dict[str, Any]) -> Component:
    low, high, value = field.lowest, field.highest, float(str(field.default))
    if low is None or high is None:
        # Not `interactive` by itself: nothing in Gradio reads what it holds.
        precision = 0 if field.whole else None
        return gr.Number(value, minimum=low, maximum=high, precision=precision, interactive=True, **common)
    step = 1.0 if field.whole else 10.0 ** math.floor(math.log10((high - low) / _STEPS or 1))
    return gr.Slider(low, high, value, step=step, **common)


def _choice(field: Field, choice: Choice, i18n: gr.I18n) -> str | I18nData:
    """Return the key of a choice's words; what speaks for itself needs none, and is no template."""
    own = choice_label(field, choice) == str(choice)
    return str(choice) if own else i18n(f"value.{field.name}.{choice}")


def with_controls(model: Model) -> tuple[Field, ...]:
    """Return the fields that have a control of Gradio's. References have one of the page's own."""
    return tuple(field for field in model.fields if field.kind != "pictures")


def has_sizes(model: Model) -> bool:
    """Tell whether there are shapes to choose from, which the page's scripts draw."""
    return model.shape is not None and model.shape.kind != "fixed"


def is_advanced(field: Field, model: Model) -> bool:
    """Tell whether a field stands apart: it can't be changed, or nobody here knows what it is for."""
    return field.kind == "fixed" or not (
        field.required or is_known(field) or field.own_words or field is model.shape
    )


def follow(model: Model, controls: dict[str, Component]) -> None:
    """Show a control only while the other fields make it count. The browser does it by itself."""
    for field in model.fields:
        for other in () if field.kind == "fixed" else field.applies_when:
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
    choices, highest = field.choices, field.highest
    if field.name == HOW_MANY:
        choices = tuple(choice for choice in choices if int(choice) <= rules.longest_series)
        highest = rules.longest_series if highest is None else min(highest, rules.longest_series)
    if field.name == "resolution" and rules.resolutions is not None:
        choices = tuple(choice for choice in choices if choice in rules.resolutions)
    if not choices and field.choices:
        raise ValueError(f"the limits leave no choice for {field.name}")
    if field.name == HOW_MANY and not choices and (field.lowest or 0) > rules.longest_series:
        raise ValueError(f"the limits leave no number for {field.name}")
    default = field.default if field.default in choices or not choices else choices[-1]
    if not choices and highest is not None and isinstance(default, int | float):
        default = min(default, highest)
    kind = "fixed" if len(choices) == 1 else field.kind
    return replace(field, kind=kind, choices=choices, highest=highest, default=default)
