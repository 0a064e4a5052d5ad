"""A catalogue entry's input schema, as far as it can be trusted.

What the catalogue says is foreign: what is taken over is only what a field is read from, in sizes that a form can
show, as one line of plain text. Sample media that stand as defaults are left out.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_MOST_FIELDS = 64
_MOST_CHOICES = 256
_MOST_RULES = 32
_LONGEST_CHOICE = 100
_LONGEST = {"title": 80, "description": 600}
LONGEST_NOTE = 600
_LARGEST_NUMBER = 1e9
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
# Parameters of the page's, the command's and Python's own.
_TAKEN = frozenset({"request", "folder", "output", "on_state", "json", "resume", "help", "request_id"})
# Letters that no line shows, and what Gradio's components would translate.
_NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]+")
_TRANSLATED = "__i18n__"
_MEDIA = re.compile(r"\s*(https?:|data:)", re.IGNORECASE)
# No component reads anything into it.
_PLAIN_NAME = re.compile(r"[^\W_]([^\W_]|[ .,:+()/-]){0,79}")


class UnfitSchemaError(ValueError):
    """A schema makes no sense, or asks for what no form here can give; the text says which."""


def read_schema(entry: Mapping[str, Any]) -> tuple[dict[str, dict[str, Any]], list[str], dict[str, str]]:
    """Return a schema's properties, the names of those it requires, and why others can't be used, by name.

    Raises:
        UnfitSchemaError: it is none.
    """
    schema = entry.get("input_schema")
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or not isinstance(properties, dict) or not properties:
        raise UnfitSchemaError("it has no properties")
    required = schema.get("required") or []
    if len(properties) > _MOST_FIELDS or not isinstance(required, list) or not _all(required, str):
        raise UnfitSchemaError("it has too many properties, or requires what is no name")
    fields, unfit = {}, {}
    for name, described in properties.items():
        try:
            fields[name] = _field(name, described)
        except UnfitSchemaError as error:
            unfit[name] = str(error)
    return fields, required, unfit


def plain_words(said: object, most: int) -> str | None:
    """Return a foreign text as one line of its beginning; None where there is nothing to show."""
    if not isinstance(said, str) or _TRANSLATED in said:
        return None
    line = " ".join(_NOT_SHOWN.sub(" ", said[: 4 * most]).split())
    return (line if len(line) <= most else f"{line[: most - 1]}…") or None


def plain_name(said: object) -> str | None:
    """Return a model's name, where it is one that no component would read anything into."""
    name = plain_words(said, _LONGEST["title"])
    return name if name and _PLAIN_NAME.fullmatch(name) else None


def quoted(said: object) -> str:
    """Return a foreign value as a line of a log may hold it."""
    shown = ascii(said)
    return shown if len(shown) <= _LONGEST_CHOICE else f"{shown[:_LONGEST_CHOICE]}..."


def _field(name: str, described: object) -> dict[str, Any]:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or name in _TAKEN:
        raise UnfitSchemaError("no name that can be used here")
    if not isinstance(described, dict):
        raise UnfitSchemaError("it is not described")
    described = {**_sole_alternative(described), **described}
    found: dict[str, Any] = {"type": _type(described.get("type"))}
    if isinstance(described.get("format"), str):
        found["format"] = described["format"]
    items = described.get("items")
    if isinstance(items, dict):
        found["items"] = {key: items[key] for key in ("type", "format") if isinstance(items.get(key), str)}
    if "enum" in described:
        found["enum"] = _choices(described["enum"])
    found |= {key: _bounded(described[key]) for key in ("minimum", "maximum") if described.get(key) is not None}
    found |= {key: _count(described[key]) for key in ("minItems", "maxItems", "maxLength") if key in described}
    if isinstance(described.get("validations"), list):
        found["validations"] = [*_rules(described["validations"])]
    found |= {key: said for key, most in _LONGEST.items() if (said := plain_words(described.get(key), most))}
    default = described.get("default")
    media = isinstance(default, str) and "enum" not in found and _MEDIA.match(default)
    if default is not None and not media and not {"items", "format"} & found.keys():
        found["default"] = default
    return found


def _sole_alternative(described: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an optional field is where it is described as one kind or null."""
    for key in ("anyOf", "oneOf"):
        each = described.get(key)
        if isinstance(each, list) and _all(each, dict):
            some = [one for one in each if one.get("type") != "null"]
            if len(some) == 1:
                return dict(some[0])
    return {}


def _type(said: object) -> str:
    if isinstance(said, list):
        said = next((each for each in said if each != "null"), None) if len(said) <= 2 else None
    if said not in ("string", "integer", "number", "float", "boolean", "array"):
        raise UnfitSchemaError(f"{quoted(said)} has no control here")
    return "number" if said == "float" else str(said)


def _choices(said: object) -> list[str | int]:
    if not isinstance(said, list) or not 1 <= len(said) <= _MOST_CHOICES:
        raise UnfitSchemaError("its values are no list, or too many")
    texts = _all(said, str) and all(
        each and len(each) <= _LONGEST_CHOICE and plain_words(each, _LONGEST_CHOICE) == each for each in said
    )
    numbers = all(type(each) is int and abs(each) <= _LARGEST_NUMBER for each in said)
    if not (texts or numbers) or len(set(said)) != len(said):
        raise UnfitSchemaError("its values are no texts, and no whole numbers")
    return said


def _bounded(said: object) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float) or not abs(said) <= _LARGEST_NUMBER:
        raise UnfitSchemaError("a bound of it is no number")
    return said


def _count(said: object) -> int:
    if type(said) is not int or not 0 <= said <= _LARGEST_NUMBER:
        raise UnfitSchemaError("a number of its items or characters is none")
    return said


def _rules(said: Sequence[object]) -> Iterator[dict[str, Any]]:
    for each in said[:_MOST_RULES]:
        if not isinstance(each, dict):
            continue
        rule, value = each.get("validation_rule"), each.get("validation_value")
        try:
            amount = float(str(value))
        except ValueError:
            continue
        if isinstance(rule, str) and len(rule) <= _LONGEST_CHOICE and 0 < amount <= _LARGEST_NUMBER:
            yield {"validation_rule": rule, "validation_value": value}


def _all(values: Sequence[object], kind: type) -> bool:
    return all(isinstance(each, kind) for each in values)
