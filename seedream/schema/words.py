"""What a field is called: as the locale files say, and where they don't know it, as its schema does."""

from __future__ import annotations

from seedream import texts
from seedream.schema.fields import Field


def is_known(field: Field) -> bool:
    """Tell whether the locale files have words for a field."""
    return texts.has(f"field.{field.name}.label") and not field.own_words


def label(field: Field, language: str = texts.FALLBACK) -> str:
    """Return a field's name, as people read it. A schema's words are foreign: plain text, and of one language."""
    if is_known(field):
        return texts.text(f"field.{field.name}.label", language)
    return field.title or field.name.replace("_", " ").capitalize()


def description(field: Field, language: str = texts.FALLBACK) -> str | None:
    """Return what is said of a field beside its name, if anything is."""
    key = f"field.{field.name}.info"
    return (texts.text(key, language) if texts.has(key) else None) if is_known(field) else field.description
