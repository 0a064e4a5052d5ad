"""A model as the catalogue describes it: laid over the page of its file, or made into a page of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seedream.errors import SeedreamError
from seedream.schema.catalogue_entry import (
    LONGEST_NOTE,
    UnfitSchemaError,
    plain_name,
    plain_words,
    quoted,
    read_schema,
)
from seedream.schema.fields import Field, field_of
from seedream.schema.series import HOW_MANY, IN_SERIES, SERIES
from seedream.schema.shapes import are_shapes

__all__ = ["Laid", "UnfitSchemaError", "lay_over", "page_of"]

PROMPT = "prompt"
_RESOLUTION = "resolution"
_MOST_CHARACTERS = 20_000
_VALUES = {"enum", "minimum", "maximum"}

Properties = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Laid:
    """A page with the catalogue's schema over it, and what that changed: a line for each difference."""

    page: Mapping[str, Any]
    differences: Sequence[str]


def lay_over(page: Mapping[str, Any], entry: Mapping[str, Any]) -> Laid:
    """Lay a catalogue entry over the page of the model's file.

    Args:
        page: the file.
        entry: the catalogue's answer.

    Raises:
        UnfitSchemaError: the file remains in force.
    """
    live, required, unfit = read_schema(entry)
    own: Properties = page["input"]["properties"]
    merged = {name: _merged(name, own[name], live.get(name)) for name in own}
    merged |= _fit({name: each for name, each in live.items() if name not in own}, unfit)
    _none_needed(unfit, {*own, *required}, merged)
    # Without it nobody would count what a series may spend.
    unconfirmed = {*own} - {*live, *page["input"]["required"], HOW_MANY}
    needed = {*page["input"]["required"], *required}
    laid = {
        **page,
        "input": {**page["input"], "required": [name for name in merged if name in needed], "properties": merged},
        "most_characters": {**page.get("most_characters", {}), **_longest(live)},
        "careful": [name for name in own if name in unconfirmed],
        "price_varies": _price_varies(entry, merged),
    }
    return Laid(laid, [*_differences(page, laid, live), *_not_shown(unfit)])


def page_of(entry: Mapping[str, Any], model_id: str, output: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the page of a model that no file describes.

    Args:
        entry: the catalogue's answer.
        model_id: the model that was asked for.
        output: the schema of what models give.

    Raises:
        UnfitSchemaError: there can be no page of it.
    """
    live, required, unfit = read_schema(entry)
    if live.get(PROMPT, {}).get("type") != "string" or "enum" in live[PROMPT]:
        raise UnfitSchemaError("it takes no prompt")
    fields = {PROMPT: live[PROMPT], **_fit(live, unfit)}
    _none_needed(unfit, required, fields)
    in_series = HOW_MANY in fields and IN_SERIES in fields.get(SERIES, {}).get("enum", ())
    shapes = [name for name in fields if _has_shapes(fields[name])]
    return {
        "model_id": model_id,
        "name": plain_name(entry.get("display_name")) or model_id,
        # A form that nobody wrote into has nothing to say to any model.
        "input": {
            "type": "object",
            "required": [name for name in fields if name in {PROMPT, *required}],
            "properties": fields,
        },
        "output": output,
        "most_characters": _longest(fields),
        "applies_when": {HOW_MANY: {SERIES: IN_SERIES}} if in_series else {},
        # What the locale files say of it is of one that holds shapes.
        "own_words": [_RESOLUTION] if shapes and _RESOLUTION not in shapes else [],
        "price_varies": _price_varies(entry, fields),
    }


def _merged(name: str, own: Mapping[str, Any], live: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if live is None:
        return own
    if _family(own) != _family(live):
        raise UnfitSchemaError(f"{name} is another kind of field")
    gone = _VALUES if _VALUES & live.keys() else set()
    merged = {**{key: said for key, said in own.items() if key not in gone}, **live}
    if "default" not in live and merged.get("default") not in merged.get("enum", [merged.get("default")]):
        del merged["default"]
    _check(name, merged)
    return merged


def _fit(live: Properties, unfit: dict[str, str]) -> dict[str, Mapping[str, Any]]:
    """Return the fields that can be shown; why the others can't is added to `unfit`."""
    found = {}
    for name, described in live.items():
        try:
            _check(name, described)
            found[name] = described
        except UnfitSchemaError as error:
            unfit[name] = str(error)
    return found


def _check(name: str, described: Mapping[str, Any]) -> None:
    """See that a field can be read, and that its default fits it."""
    page = {"input": {"properties": {name: described}}, "most_characters": _longest({name: described})}
    try:
        field = field_of(page, name)
        if field.default not in ("", []):
            field.checked(field.default)
    except SeedreamError:
        raise UnfitSchemaError(f"{name} has a default that does not fit it") from None
    except (ValueError, TypeError) as error:
        raise UnfitSchemaError(f"{name}: {quoted(str(error))}") from None
    if field.lowest is not None and field.highest is not None and field.lowest > field.highest:
        raise UnfitSchemaError(f"the bounds of {name} leave no number")
    if field.references and not 1 <= field.references.least <= field.references.most:
        raise UnfitSchemaError(f"{name} takes no pictures")


def _none_needed(unfit: Mapping[str, str], needed: Iterable[str], fields: Properties) -> None:
    for name in needed:
        if name in unfit or name not in fields:
            raise UnfitSchemaError(f"{quoted(name)} is needed: {unfit.get(name, 'it is not described')}")


def _not_shown(unfit: Mapping[str, str]) -> Iterator[str]:
    return (f"{quoted(name)} is not shown: {why}" for name, why in unfit.items())


def _longest(properties: Properties) -> dict[str, int]:
    plain = {name: each for name, each in properties.items() if each["type"] == "string" and "enum" not in each}
    return {name: min(each.get("maxLength", _MOST_CHARACTERS), _MOST_CHARACTERS) for name, each in plain.items()}


def _price_varies(entry: Mapping[str, Any], fields: Properties) -> bool:
    """Tell whether a picture's price may depend on a setting: the catalogue names but one.

    Its note names values, or the pixels are a field of their own beside the shape.
    """
    note = (plain_words(entry.get("pricing_note"), LONGEST_NOTE) or "").casefold()
    choices = {name: each["enum"] for name, each in fields.items() if len(each.get("enum", ())) > 1}
    named = any(str(value).casefold() in note.split() for values in choices.values() for value in values)
    apart = _RESOLUTION in choices and not _has_shapes(fields[_RESOLUTION])
    return apart or named or any(name in note for name in choices)


def _has_shapes(described: Mapping[str, Any]) -> bool:
    return are_shapes(described.get("enum", ()))


def _family(described: Mapping[str, Any]) -> str:
    return {"integer": "number"}.get(described["type"], str(described["type"]))


def _differences(page: Mapping[str, Any], laid: Mapping[str, Any], live: Properties) -> Iterator[str]:
    own, merged = page["input"]["properties"], laid["input"]["properties"]
    if confirmed := [name for name in page.get("careful", ()) if name not in laid["careful"]]:
        yield f"known for certain now: {', '.join(confirmed)}"
    for name, described in merged.items():
        if name not in own:
            yield f"{name} is new ({described['type']})"
        elif name not in live:
            yield f"{name} is not in the catalogue"
        else:
            yield from _field_differences(field_of(page, name), field_of(laid, name))


def _field_differences(own: Field, live: Field) -> Iterator[str]:
    if added := [quoted(each) for each in live.choices if each not in own.choices]:
        yield f"{own.name} also takes {', '.join(added)}"
    if gone := [quoted(each) for each in own.choices if each not in live.choices]:
        yield f"{own.name} does not take {', '.join(gone)}"
    for what in ("default", "lowest", "highest", "required", "references"):
        before, now = getattr(own, what), getattr(live, what)
        if before != now:
            yield f"{own.name}: {what} {quoted(now)} instead of {quoted(before)}"
