"""Starting points: example settings and words for a prompt, as data. Their texts are in the locale files.

`examples.json` names each example (`example.<name>.title`, `example.<name>.prompt`) with the settings that
differ from the schema's defaults, and the words by group (`phrase.<group>`, `phrase.<group>.<name>`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seedream.schema import Field, Model, Request, Value
from seedream.schema.series import SERIES

_CONTENT = json.loads(Path(__file__).with_name("examples.json").read_text(encoding="utf-8"))

_SIZE = "resolution"

PHRASES: Mapping[str, Sequence[str]] = _CONTENT["phrases"]
"""The names of the words that a prompt can be built from, by group."""


@dataclass(frozen=True)
class Example:
    """A starting point: its name in the locale files, and its settings, without the prompt."""

    name: str
    settings: Request


def examples(model: Model) -> tuple[Example, ...]:
    """Return the examples as this model offers them: a choice that is not on offer becomes one near to it.

    Those of a series are for models that make one.
    """
    known = {field.name for field in model.fields}
    return tuple(
        Example(each["name"], dict(_settings(model, each["settings"])))
        for each in _CONTENT["examples"]
        if SERIES in known or SERIES not in each["settings"]
    )


def _settings(model: Model, chosen: Request) -> Iterator[tuple[str, Value]]:
    for name, value in chosen.items():
        field = model.shape if name == _SIZE else next((each for each in model.fields if each.name == name), None)
        if field:
            yield field.name, _near(field, value)


def _near(field: Field, value: Value) -> Value:
    """Return the value, or one of the same shape, or the largest number on offer, or the default."""
    if value in field.choices:
        return value
    if isinstance(value, int) and field.highest is not None:
        return min(value, int(field.highest))
    ratio = str(value).partition("(")[2]
    same = (choice for choice in field.choices if ratio and f"{choice})".replace("))", ")").endswith(ratio))
    return next(same, field.default)
