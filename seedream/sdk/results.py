"""What a script gets: the job's end and the files that were saved. A notebook shows it as pictures."""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from seedream import texts
from seedream.errors import SeedreamError
from seedream.jobs.record import Record
from seedream.pictures.images import Format, save_preview

# What a notebook keeps of a picture: enough to see it, and no more than it can carry.
_SHOWN_PIXELS = 640
_FIGURE = "display:inline-block;vertical-align:top;margin:0 16px 16px 0;max-width:320px"


@dataclass(frozen=True)
class SavedPicture:
    """An original, byte for byte, on this computer.

    Attributes:
        number: its place in the series, from 1.
        path: below the folder as it was given.
        url: where it came from.
        format: by its content.
        width, height: in pixels; None for a video.
        size: in bytes.
        sha256: of its bytes, in hexadecimal.
    """

    number: int
    path: Path
    url: str
    format: Format
    width: int | None
    height: int | None
    size: int
    sha256: str

    def open(self) -> Image.Image:
        """Return it as Pillow has it. Raises OSError where the file is gone, or is a video."""
        return Image.open(self.path)

    def _repr_html_(self) -> str:
        about = [html.escape(self.path.name)]
        if self.width:
            facts = {"width": self.width, "height": self.height, "format": self.format}
            about.append(texts.text("picture.about", texts.system_language(), **facts))
        caption = f"<figcaption>{' · '.join(about)}</figcaption>"
        return f'<figure style="{_FIGURE}">{self._shown()}{caption}</figure>'

    def _shown(self) -> str:
        small = io.BytesIO()
        try:
            with self.open() as image:
                save_preview(image, small, _SHOWN_PIXELS)
        except (UnidentifiedImageError, OSError):
            return ""
        data = base64.b64encode(small.getvalue()).decode()
        return f'<img style="max-width:100%" alt="" src="data:image/webp;base64,{data}">'


@dataclass(frozen=True)
class Missing:
    """A file of a job that could not be had; `resume` tries it again.

    Attributes:
        number: its place in the series, from 1.
        url: where it is.
        error: why; as text, a sentence.
    """

    number: int
    url: str
    error: SeedreamError


@dataclass(frozen=True)
class Generation:
    """A job that made pictures.

    Attributes:
        request_id: the job's name at RunComfy; `seedream.resume` takes it.
        pictures: those saved, in order.
        missing: those that could not be fetched or saved; empty as a rule.
        cost_usd: US dollars as the result names them; None where it names none.
        sample: whether they were drawn by the embedded stand-in, for want of a token.
        record: all that is known of the job.
    """

    request_id: str
    pictures: tuple[SavedPicture, ...]
    missing: tuple[Missing, ...]
    cost_usd: float | None
    sample: bool
    record: Record = field(repr=False)

    def _repr_html_(self) -> str:
        language = texts.system_language()
        notes = [each.error.sentence(language, "command") for each in self.missing]
        if self.sample:
            notes.append(texts.text("command.samples", language))
        said = "".join(f"<p>{html.escape(note)}</p>" for note in notes)
        return "".join(picture._repr_html_() for picture in self.pictures) + said
