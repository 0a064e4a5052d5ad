"""Starting points: example settings and words for a prompt, as data. Their texts are in the locale files.

`examples.json` names each example (`example.<name>.title`, `example.<name>.prompt`) with the settings that
differ from the schema's defaults, and the words by group (`phrase.<group>`, `phrase.<group>.<name>`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seedream.schema import Field, Model, Request, Value

_CONTENT = json.loads(Path(__file__).with_name("examples.json").read_text(encoding="utf-8"))

PHRASES: Mapping[str, Sequence[str]] = _CONTENT["phrases"]
"""The names of the words that a prompt can be built from, by group."""


@dataclass(frozen=True)
class Example:
    """A starting point: its name in the locale files, and its settings, without the prompt."""

    name: str
    settings: Request


def examples(model: Model) -> tuple[Example, ...]:
    """Return the examples as this model offers them: a choice that is not on offer becomes one near to it."""
    return tuple(
        Example(each["name"], {name: _near(model.field(name), value) for name, value in each["settings"].items()})
        for each in _CONTENT["examples"]
    )


def _near(field: Field, value: Value) -> Value:
    """Return the value, or one of the same shape, or the largest number on offer, or the default."""
    if value in field.choices:
        return value
    if isinstance(value, int):
        return max(field.choices)
    ratio = str(value).partition("(")[2]
    return next((choice for choice in field.choices if ratio and str(choice).endswith(ratio)), field.default)
