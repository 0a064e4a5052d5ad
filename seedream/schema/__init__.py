"""Models' input and output schemas as data, and what follows from them: fields, defaults, checks.

`text-to-image.json` and `edit.json` are the models' API pages turned into files. Everything that knows a field's
name, its values or its default asks here; a new enum value is a change of a file and of nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedream.errors import SeedreamError
from seedream.schema.fields import Choice, Field, Kind, Request, Value, field_of
from seedream.schema.series import is_series, most_pictures
from seedream.schema.shapes import are_shapes, pixels

__all__ = ["Choice", "Field", "Kind", "Request", "Value", "most_pictures", "pixels"]

TEXT_TO_IMAGE = Path(__file__).with_name("text-to-image.json")
EDIT = Path(__file__).with_name("edit.json")
FILES = (TEXT_TO_IMAGE, EDIT)


@dataclass(frozen=True)
class Model:
    """A model as its API page describes it: its ID, its input fields in order, and the raw schemas.

    Attributes:
        most_together: of references and pictures of a series; None: no bound.
        name: the catalogue's, of a model that no file describes.
        price_varies: whether a picture's price may depend on a setting.
        shape_name: of the field whose values are shapes, also where fewer of them are on offer.
    """

    model_id: str
    fields: tuple[Field, ...]
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    most_together: int | None = None
    name: str | None = None
    price_varies: bool = False
    shape_name: str | None = None

    @property
    def shape(self) -> Field | None:
        """The field whose values are shapes, if there is one."""
        return self.field(self.shape_name) if self.shape_name else None

    @property
    def pictures(self) -> Field | None:
        """The field that takes references, if there is one."""
        return next((field for field in self.fields if field.kind == "pictures"), None)

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)

    @property
    def defaults(self) -> Request:
        return {field.name: field.default for field in self.fields}

    def request(self, values: Mapping[str, object], own_origin: str = "") -> Request:
        """Check what a visitor chose and return the body to submit.

        Args:
            values: a value for each field, by the schema's names; a field left out gets its default unless it
                is required.
            own_origin: scheme, host and port whose own files may be references: the Model API's.

        Returns:
            The fields that count for this request, each as the schema writes it.

        Raises:
            SeedreamError: `prompt_empty`, `prompt_too_long`, `text_damaged`, `field_unknown`, `reference…`, or
                `value_unfit` with what would fit.
        """
        for name in values:
            if name not in self.input_schema["properties"]:
                raise SeedreamError("field_unknown", field=name)
        chosen = {**{f.name: f.default for f in self.fields if not f.required}, **values}
        counting = [field for field in self.fields if field.applies(chosen)]
        checked = {field.name: field.checked(chosen.get(field.name), own_origin) for field in counting}
        request = {name: value for name, value in checked.items() if value is not None}
        self._check_together(request)
        single = {field.name for field in counting if field.single}
        return {
            name: value[0] if name in single and isinstance(value, list) else value
            for name, value in request.items()
        }

    def _check_together(self, request: Request) -> None:
        references = request.get(self.pictures.name) if self.pictures else None
        if self.most_together is None or not isinstance(references, list) or not is_series(request):
            return
        left = self.most_together - len(references)
        if most_pictures(request) > left:
            raise SeedreamError("references_and_series", limit=self.most_together, left=left)


@dataclass(frozen=True)
class Models:
    """The models that one form is for: without references the first, with some the other, if there is one."""

    plain: Model
    edit: Model | None = None

    @property
    def both(self) -> tuple[Model, ...]:
        return (self.plain, self.edit) if self.edit else (self.plain,)

    def of(self, values: Mapping[str, object]) -> Model:
        """Return the model that a request with these values goes to."""
        pictures = self.edit.pictures if self.edit else None
        return self.edit if self.edit and pictures and values.get(pictures.name) else self.plain


def pages() -> list[Mapping[str, Any]]:
    """Return the files' contents: of text to image, and of edit."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in FILES]


def load(path: Path = TEXT_TO_IMAGE) -> Model:
    """Read a model's schema file (UTF-8 JSON, the form of `text-to-image.json`)."""
    return model_of(json.loads(path.read_text(encoding="utf-8")))


def load_models() -> Models:
    """Read the files of the models that the page is for."""
    return Models(load(), load(EDIT))


def model_of(page: Mapping[str, Any]) -> Model:
    """Return what a schema file's content describes. Raises ValueError where there is no control for a field."""
    schema = page["input"]
    fields = tuple(field_of(page, name) for name in schema["properties"])
    return Model(
        model_id=page["model_id"],
        fields=fields,
        input_schema=schema,
        output_schema=page["output"],
        most_together=page.get("most_together"),
        name=page.get("name"),
        price_varies=page.get("price_varies", False),
        shape_name=next((field.name for field in fields if are_shapes(field.choices)), None),
    )
