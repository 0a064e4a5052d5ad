"""What is written into a copy of a picture: how it was asked for, once for people and once to be read back."""

from __future__ import annotations

import json
from dataclasses import dataclass

from seedream import texts
from seedream.pictures.cache import Picture
from seedream.schema import Model, Request

# In UTF-8. Twice that in UTF-16, and a little more, is what one segment of a JPEG holds: about 5000 words.
MOST_BYTES = 30_000
_LONGEST_ID = 200
_NEEDS_QUOTES = frozenset(',:"\n')


class TooLongError(ValueError):
    """The settings are longer than a copy holds."""


@dataclass(frozen=True)
class Inscription:
    """The settings of one picture.

    Attributes:
        request: what was sent, by the schema's names.
        request_id: the job's; empty where it is not known.
        model_id: whose work it is, or of whose work it is a sample.
        sample: the page drew it by itself.
    """

    request: Request
    request_id: str
    model_id: str
    sample: bool

    def for_machines(self) -> str:
        """Return JSON with one entry for each setting, as it was sent, and `model`, `request_id`, `sample`."""
        about: dict[str, object] = {**self.request, "model": self.model_id}
        if self.request_id:
            about["request_id"] = self.request_id
        if self.sample:
            about["sample"] = True
        return json.dumps(about, ensure_ascii=False)

    def for_people(self, picture: Picture, language: str) -> str:
        """Return the prompt and a line of settings, as other tools write and read them: `Name: value, …`."""
        settings = {"Size": f"{picture.width}x{picture.height}"}
        for name, value in self.request.items():
            if name != "prompt":
                settings[name.replace("_", " ").capitalize()] = str(value)
        if self.sample:
            settings["Sample"] = texts.text("keepsake.copy_sample", language)
        else:
            settings["Model"] = self.model_id
        if self.request_id:
            settings["Request ID"] = self.request_id
        line = ", ".join(f"{name}: {_quoted(value)}" for name, value in settings.items())
        return f"{self.request['prompt']}\n{line}"


def read(text: str, model: Model, *, sample: bool) -> Inscription:
    """Read what a browser says of a picture. It is foreign text: only the schema's own fields are taken in.

    Args:
        text: JSON, `{"request": {…}, "request_id": …}`.
        model: whose fields count.
        sample: whether the pictures here are samples; the browser is not asked.

    Raises:
        TooLongError: there is more than a copy holds.
        ValueError: it is something else.
    """
    said = json.loads(text)
    try:
        given = dict(said["request"])
    except (TypeError, KeyError) as error:
        raise ValueError("no settings of this page") from error
    request: Request = {}
    for field in model.fields:
        value = given.get(field.name)
        if isinstance(value, (str, int)):
            request[field.name] = value
    if "prompt" not in request:
        raise ValueError("no prompt")
    inscription = Inscription(
        request, str(said.get("request_id") or "")[:_LONGEST_ID], model.model_id, sample=sample
    )
    if len(inscription.for_machines().encode(errors="replace")) > MOST_BYTES:
        raise TooLongError
    return inscription


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if _NEEDS_QUOTES & set(value) else value
