"""The labels of the schema's values, and the texts as the page gets them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from seedream import texts
from seedream.schema import Field, Model, Value, pixels
from seedream.schema.words import label

# Gradio's footer by Gradio's own key: it lacks some of the languages.
_FOOTER = "errors.use_via_api_or_mcp"
# What Gradio's components show, and the switch of the language; all else is said by the page's own scripts.
_FOR_GRADIO = ("field.", "form.", "language.name", "offline.banner", "page.tagline", "value.")


def choice_label(field: Field, value: Value, language: str = texts.FALLBACK) -> str:
    """Return a value in the visitor's words; one that no locale file knows yet speaks for itself."""
    key = f"value.{field.name}.{value}"
    if field.own_words:
        return str(value)
    if texts.has(key):
        return texts.text(key, language)
    size = pixels(value)
    if size is None:
        return str(value)
    width, height = size
    ratio = str(value).partition("(")[2].rstrip(")")
    shape = texts.text(f"shape.{_shape(width, height)}", language)
    return f"{shape} {ratio} · {width}x{height}" if ratio else f"{shape} · {width}x{height}"


def for_page(model: Model) -> dict[str, dict[str, str]]:
    """Return all texts as the page's scripts need them, the labels of the schema's values among them."""
    return {
        language: {
            **texts.locales()[texts.FALLBACK],
            **known,
            **_named(model, known),
            **{f"field.{field.name}.label": label(field, language) for field in model.fields},
            **{
                f"value.{field.name}.{value}": choice_label(field, value, language)
                for field in model.fields
                for value in field.choices
            },
        }
        for language, known in texts.locales().items()
    }


def _named(model: Model, known: Mapping[str, str]) -> dict[str, str]:
    """Return what names the model, where it is another one than the texts are of."""
    if model.name is None:
        return {}
    usual = known["model.name"]
    tagline = known["page.tagline"].replace(usual, model.name)
    return {"page.title": model.name, "page.tagline": tagline, "model.name": model.name}


def for_gradio(model: Model) -> dict[str, dict[str, str]]:
    """Return the texts that Gradio's components show. They weigh on every page in all languages at once."""
    return {
        language: {
            **{key: text for key, text in known.items() if key.startswith(_FOR_GRADIO)},
            _FOOTER: known["footer.api"],
        }
        for language, known in for_page(model).items()
    }


def _shape(width: int, height: int) -> str:
    long, short = max(width, height), min(width, height)
    names = ("landscape", "wide", "panorama") if width > height else ("portrait", "tall", "tall")
    if long == short:
        return "square"
    return names[0] if math.floor(100 * long / short) <= 150 else names[1 if long / short < 2 else 2]
