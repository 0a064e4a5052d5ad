"""A field of a model's input schema: its kind, what it may hold, and the check of a value.

The kinds are those that RunComfy's catalogue uses: JSON Schema with `enum`, `minimum` and `maximum`, a
non-standard `float`, and pictures as `format: image_uri` (one) or `image_uris` (several).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal

from seedream.errors import SeedreamError
from seedream.schema.references import ReferenceRules, checked_references, rules_of

Kind = Literal["text", "choice", "number", "fixed", "boolean", "pictures"]
Choice = str | int
Value = Choice | float | bool | list[str]
Request = Mapping[str, Value]

_WHOLE = re.compile(r"\s*-?\d{1,9}\s*", re.ASCII)
_DECIMAL = re.compile(r"\s*-?\d{1,9}(\.\d{1,9})?\s*", re.ASCII)
# JSON can write it and UTF-8 can't: an answer that holds it breaks on its way, when it is paid already.
_HALF_A_PAIR = re.compile(r"[\ud800-\udfff]")
_PICTURES = ("image_uri", "image_uris")
_PLAIN: Mapping[str, Kind] = {
    "string": "text",
    "boolean": "boolean",
    "integer": "number",
    "number": "number",
    "float": "number",
}


@dataclass(frozen=True)
class Field:
    """One property of the input schema.

    Attributes:
        name: the schema's.
        kind: which control it gets. A `number` is an enum of consecutive integers, or has bounds; a `fixed` field
            is an enum of one value; `pictures` are references, one or several.
        default: what stands in the form; of pictures none, whatever sample the schema names.
        choices: the enum's values; empty where there is none.
        required: whether a request must have it. What is optional may stay empty.
        applies_when: the values that other fields must have for this one to count.
        lowest, highest: of a number; None: no bound.
        whole: whether a number is an integer.
        single: whether the schema takes one picture, as a text, instead of a list.
        references: what pictures may be; None for any other kind.
        title, description: the catalogue's own words, where it has some.
        recommended_words: of a text; the model's advice, and stays advice.
        most_characters: of a text; a bound of this program's own.
        careful: whether a default is left out of the request: nobody has seen that the model knows the field, or
            the schema names none.
        own_words: whether the locale files' words are of another field with this name.
    """

    name: str
    kind: Kind
    default: Value
    choices: tuple[Choice, ...] = ()
    required: bool = False
    applies_when: Mapping[str, Value] = field(default_factory=dict)
    lowest: float | None = None
    highest: float | None = None
    whole: bool = True
    single: bool = False
    references: ReferenceRules | None = None
    title: str | None = None
    description: str | None = None
    recommended_words: int | None = None
    most_characters: int | None = None
    careful: bool = False
    own_words: bool = False

    def __post_init__(self) -> None:
        if self.kind not in ("text", "pictures") and self._fitting(self.default) != self.default:
            raise ValueError(f"{self.name} can't be its default, {self.default!r}")

    def applies(self, values: Mapping[str, object]) -> bool:
        return all(values.get(name) == wanted for name, wanted in self.applies_when.items())

    def checked(self, value: object, own_origin: str = "") -> Value | None:
        """Return a value as the schema writes it; None: it is left out.

        Args:
            value: what was chosen; None: nothing was.
            own_origin: scheme, host and port whose own files may be references, whatever they are.

        Raises:
            SeedreamError: as `Model.request`.
        """
        if self.kind == "text":
            return self._text(value)
        if self.references is not None:
            return checked_references(value, self.references, self.name, own_origin, required=self.required)
        found = self._fitting(value)
        if found is None:
            raise SeedreamError("value_unfit", field=self.name, value=str(value), **self._what_fits())
        return None if self.careful and found == self.default else found

    def _what_fits(self) -> dict[str, Any]:
        low, high = self.lowest, self.highest
        if self.choices or self.kind == "boolean":
            return {"choices": self.choices or ("true", "false")}
        if low is not None and high is not None:
            return {"lowest": low, "highest": high, "whole": self.whole}
        example = "1, 2, 3, …" if self.whole else "0.5, 1, …"
        return {"choices": (f"≥ {low}" if low is not None else f"≤ {high}" if high is not None else example,)}

    def _text(self, value: object) -> str | None:
        empty = value is None or (isinstance(value, str) and not value.strip())
        if self.required and (empty or not isinstance(value, str)):
            raise SeedreamError("prompt_empty", field=self.name)
        if empty:
            return None
        if not isinstance(value, str):
            raise SeedreamError("value_unfit", field=self.name, value=str(value), choices=('"…"',))
        if self.most_characters is not None and len(value) > self.most_characters:
            raise SeedreamError("prompt_too_long", field=self.name, limit=self.most_characters)
        if _HALF_A_PAIR.search(value):
            raise SeedreamError("text_damaged", field=self.name)
        return value

    def _fitting(self, value: Any) -> Value | None:
        """Return the value that is meant, or None. Gradio's API page shows all values as texts."""
        if self.kind == "boolean":
            return (
                {"true": True, "false": False}.get(str(value).lower()) if isinstance(value, bool | str) else None
            )
        written = _WHOLE if self.whole else _DECIMAL
        numeric = self.kind == "number" or any(isinstance(each, int) for each in self.choices)
        if numeric and isinstance(value, str) and value not in self.choices and written.fullmatch(value):
            value = float(value)
        if self.choices:
            # JSON has one kind of number: a slider's 6.0 fits the schema's 6. A bool is none.
            same = (each for each in self.choices if each == value and not isinstance(value, bool))
            return next(same, None)
        if not _is_number(value):
            return None
        if self.whole and value != int(value):
            return None
        low, high = self.lowest, self.highest
        fits = (low is None or value >= low) and (high is None or value <= high)
        return (int(value) if self.whole else value) if fits else None


def field_of(page: Mapping[str, Any], name: str) -> Field:
    """Read one field of a model's file.

    Args:
        page: the file (`text-to-image.json` has all that one may hold).
        name: of one of its properties.

    Raises:
        ValueError: it is of no kind that there is a control for, or its default makes no sense.
    """
    schema = page["input"]
    described = schema["properties"][name]
    choices = _choices(described)
    kind = _kind(described, choices)
    numbers = [each for each in choices if kind == "number" and isinstance(each, int)]
    required = name in schema.get("required", ())
    return Field(
        name=name,
        kind=kind,
        default=_default(described, kind, choices),
        choices=choices,
        required=required,
        applies_when=page.get("applies_when", {}).get(name, {}),
        lowest=numbers[0] if numbers else _bound(described, "minimum"),
        highest=numbers[-1] if numbers else _bound(described, "maximum"),
        whole=described.get("type") == "integer",
        single=described.get("type") == "string" and kind == "pictures",
        references=rules_of(described) if kind == "pictures" else None,
        title=_words(described, "title"),
        description=_words(described, "description"),
        recommended_words=page.get("recommended_words", {}).get(name),
        most_characters=page.get("most_characters", {}).get(name),
        careful=name in page.get("careful", ()) or (not required and described.get("default") is None),
        own_words=name in page.get("own_words", ()),
    )


def _choices(described: Mapping[str, Any]) -> tuple[Choice, ...]:
    choices = described.get("enum", [])
    if not isinstance(choices, list) or not all(type(each) in (str, int) for each in choices):
        raise ValueError(f"no control for a choice among {choices!r}")
    return tuple(choices)


def _kind(described: Mapping[str, Any], choices: tuple[Choice, ...]) -> Kind:
    type_, format_ = described.get("type"), described.get("format")
    items = described.get("items")
    of_items = items.get("format") if type_ == "array" and isinstance(items, Mapping) else None
    if format_ in _PICTURES or of_items in _PICTURES:
        return "pictures"
    if choices:
        whole = [each for each in choices if isinstance(each, int) and not isinstance(each, bool)]
        in_a_row = len(whole) == len(choices) and whole == list(range(whole[0], whole[0] + len(whole)))
        return "fixed" if len(choices) == 1 else "number" if in_a_row else "choice"
    kind = _PLAIN.get(str(type_))
    if kind is None or format_ is not None:
        raise ValueError(f"no control for {type_} {format_}")
    return kind


def _default(described: Mapping[str, Any], kind: Kind, choices: tuple[Choice, ...]) -> Value:
    if kind == "pictures":
        return []
    default: Value | None = described.get("default")
    if default is None:
        least = _bound(described, "minimum")
        empty: dict[Kind, Value] = {"text": "", "boolean": False, "number": least if least is not None else 0}
        return choices[0] if choices else empty[kind]
    types: dict[Kind, type] = {"text": str, "boolean": bool}
    # What else it may be is seen when the field is made.
    if not isinstance(default, types.get(kind, object)):
        raise ValueError(f"{default!r} is no default of a {kind}")  # noqa: TRY004 - a fault of the file
    return default


def _bound(described: Mapping[str, Any], name: str) -> float | None:
    bound: float | None = described.get(name)
    if bound is not None and not _is_number(bound):
        raise ValueError(f"{bound!r} is no {name}")
    return bound


def _is_number(value: object) -> bool:
    # A whole number may be larger than any float, and `isfinite` stumbles over it.
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, float) and isfinite(value)
    )


def _words(described: Mapping[str, Any], name: str) -> str | None:
    said = described.get(name)
    return said if isinstance(said, str) and said.strip() else None
