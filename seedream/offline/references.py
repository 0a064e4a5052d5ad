"""The references that the stand-in can see: those that came along as data URIs, and pictures that it made itself.

It fetches nothing: of any other address it draws a sample as if there were none.
"""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image

from seedream.offline.sample_jobs import SampleJobs

_OWN = re.compile(r"/files/(?P<job>[0-9a-f-]{36})/(?P<name>\d+\.\w+)")
# Of a square of `2K`, in pixels.
_SIDE = 2048
# Sides of a sample are multiples of this, as the model's own are.
_STEP = 16


def opened(reference: str, jobs: SampleJobs) -> Image.Image | None:
    """Return a reference's picture as RGB; None where it can't be seen from here."""
    try:
        if reference.startswith("data:"):
            return _small(io.BytesIO(base64.b64decode(reference.partition(",")[2])))
        own = _OWN.fullmatch(urlsplit(reference).path)
        job = jobs.find(own["job"]) if own else None
        if own and job and own["name"] in job.files and job.state == "completed":
            return _small(job.folder / own["name"])
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    return None


def _small(file: io.BytesIO | Path) -> Image.Image:
    """Return a picture no larger than a sample needs it."""
    with Image.open(file) as image:
        image.thumbnail((_SIDE, _SIDE))
        return image.convert("RGB")


def like(reference: Image.Image) -> tuple[int, int]:
    """Return the size of a picture of the reference's shape."""
    scale = _SIDE / (reference.width * reference.height) ** 0.5
    width, height = (max(_STEP, round(side * scale / _STEP) * _STEP) for side in reference.size)
    return width, height
