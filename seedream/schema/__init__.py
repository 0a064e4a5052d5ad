"""The model's input and output schema as data, and what follows from it: fields, defaults, checks.

`text-to-image.json` is the model's API page turned into a file. Everything that knows a field's name, its
values or its default asks here; a new enum value is a change of that file and of nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jsonschema import Draft202012Validator

from seedream.errors import SeedreamError

Kind = Literal["text", "choice", "number", "fixed"]
Value = str | int
Request = dict[str, Value]

TEXT_TO_IMAGE = Path(__file__).with_name("text-to-image.json")

_DIGITS = re.compile(r"\s*\d{1,9}\s*", re.ASCII)
# JSON can write it and UTF-8 can't: an answer that holds it breaks on its way, when it is paid already.
_HALF_A_PAIR = re.compile(r"[\ud800-\udfff]")
_SIZE = re.compile(r"(\d+)x(\d+)")


@dataclass(frozen=True)
class Field:
    """One property of the input schema.

    `choices` is empty for a text; a `number` is an enum of consecutive integers, a `fixed` field an enum of
    one value. `applies_when` names the values that other fields must have for this one to count. A text may have
    `most_characters`, a bound of this program's own; `recommended_words` is the model's advice, and stays advice.
    """

    name: str
    kind: Kind
    default: Value
    choices: tuple[Value, ...]
    required: bool
    applies_when: Mapping[str, Value]
    recommended_words: int | None
    most_characters: int | None

    def applies(self, values: Mapping[str, object]) -> bool:
        return all(values.get(name) == wanted for name, wanted in self.applies_when.items())


@dataclass(frozen=True)
class Model:
    """A model as its API page describes it: its ID, its input fields in order, and the raw schemas."""

    model_id: str
    fields: tuple[Field, ...]
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)

    @property
    def defaults(self) -> Request:
        return {field.name: field.default for field in self.fields}

    def request(self, values: Mapping[str, object]) -> Request:
        """Check what a visitor chose and return the body to submit.

        Args:
            values: a value for each field, by the schema's names; a field left out gets its default unless it
                is required.

        Returns:
            The fields that count for this request, each as the schema writes it.

        Raises:
            SeedreamError: `prompt_empty`, `prompt_too_long`, `text_damaged`, `field_unknown`, or `value_unfit`
                with what would fit.
        """
        for name in values:
            if name not in self.input_schema["properties"]:
                raise SeedreamError("field_unknown", field=name)
        chosen = {**{f.name: f.default for f in self.fields if not f.required}, **values}
        counting = [field for field in self.fields if field.applies(chosen)]
        return {field.name: self._checked(field, chosen.get(field.name)) for field in counting}

    def _checked(self, field: Field, value: object) -> Value:
        if field.kind == "text":
            if not isinstance(value, str) or not value.strip():
                raise SeedreamError("prompt_empty", field=field.name)
            if field.most_characters is not None and len(value) > field.most_characters:
                raise SeedreamError("prompt_too_long", field=field.name, limit=field.most_characters)
            if _HALF_A_PAIR.search(value):
                raise SeedreamError("text_damaged", field=field.name)
            return value
        if field.kind == "number" and isinstance(value, str) and _DIGITS.fullmatch(value):
            # Gradio's API page shows an enum of integers as texts, and people copy from it.
            value = int(value)
        if not Draft202012Validator(self.input_schema["properties"][field.name]).is_valid(value):
            raise SeedreamError("value_unfit", field=field.name, value=str(value), choices=field.choices)
        # JSON has one kind of number: a slider's 6.0 fits the schema's 6 and is sent as the schema writes it.
        return next(choice for choice in field.choices if choice == value)


def load(path: Path = TEXT_TO_IMAGE) -> Model:
    """Read a model's schema file (UTF-8 JSON, the form of `text-to-image.json`)."""
    page = json.loads(path.read_text(encoding="utf-8"))
    schema = page["input"]
    return Model(
        model_id=page["model_id"],
        fields=tuple(_field(page, name) for name in schema["properties"]),
        input_schema=schema,
        output_schema=page["output"],
    )


def pixels(resolution: object) -> tuple[int, int] | None:
    """Return width and height in pixels of a `resolution` value, or None where the model chooses them.

    >>> pixels("2304x1728 (4:3)")
    (2304, 1728)
    >>> pixels("2K") is None
    True
    """
    found = _SIZE.match(str(resolution))
    return (int(found[1]), int(found[2])) if found else None


def _field(page: Mapping[str, Any], name: str) -> Field:
    schema = page["input"]
    described = schema["properties"][name]
    choices = tuple(described.get("enum", ()))
    return Field(
        name=name,
        kind=_kind(choices),
        default=described["default"],
        choices=choices,
        required=name in schema.get("required", ()),
        applies_when=page.get("applies_when", {}).get(name, {}),
        recommended_words=page.get("recommended_words", {}).get(name),
        most_characters=page.get("most_characters", {}).get(name),
    )


def _kind(choices: tuple[Value, ...]) -> Kind:
    if not choices:
        return "text"
    if len(choices) == 1:
        return "fixed"
    numbers = [choice for choice in choices if isinstance(choice, int)]
    if len(numbers) == len(choices) and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        return "number"
    return "choice"
