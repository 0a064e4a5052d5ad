"""What Gradio reads of an endpoint: its parameters with their types and defaults, and what each of them means."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Literal

import gradio as gr

from seedream import texts
from seedream.schema import Field, Model
from seedream.schema.series import HOW_MANY
from seedream.schema.words import description, label
from seedream.ui.labels import choice_label

_FEW_CHOICES = 4


def sign(handler: Callable[..., Any], parameters: Sequence[inspect.Parameter], returns: Any) -> None:
    """Give a handler the signature that Gradio reads its endpoint from.

    Made here, because the fields are the schema's, because what a stream yields is what its caller gets, and
    because Gradio does not evaluate annotations that are kept as text.
    """
    signed: Any = handler
    parameters = [*parameters, parameter("request", gr.Request, default=None)]
    signed.__signature__ = inspect.Signature(parameters, return_annotation=returns)
    signed.__annotations__ = {each.name: each.annotation for each in parameters}


def describe(handler: Callable[..., Any], model: Model) -> None:
    """Put what the page says of each field into a handler's docstring, which Gradio shows to agents."""
    lines = [f"    {field.name}: {_description(field)}" for field in model.fields]
    series = ", or a series of them in one style" if HOW_MANY in model.defaults else ""
    about = inspect.cleandoc(handler.__doc__ or "").replace("{series}", series)
    about = about.replace("{model}", model.name or texts.text("model.name"))
    handler.__doc__ = "\n".join([about, "", "Args:", *lines])


def _description(field: Field) -> str:
    known = [text for text in (label(field), description(field)) if text]
    # What a size is, its value says; what `auto` is, only its label does.
    short = field.choices if field.kind == "choice" and len(field.choices) <= _FEW_CHOICES else ()
    meant = [f"{value}: {choice_label(field, value)}." for value in short]
    only = [f"Counts only when {name} is {value}." for name, value in field.applies_when.items()]
    return " ".join([*(f"{text.rstrip('.')}." for text in known), *meant, *only])


def parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def fields(model: Model) -> list[inspect.Parameter]:
    empty = inspect.Parameter.empty
    return [
        parameter(field.name, _type(field), default=empty if field.required else field.default)
        for field in model.fields
    ]


def _type(field: Field) -> Any:
    if field.choices:
        return Literal[field.choices]
    if field.kind == "pictures":
        return list[str]
    number = int if field.whole else float
    return {"boolean": bool, "number": number}.get(field.kind, str)
