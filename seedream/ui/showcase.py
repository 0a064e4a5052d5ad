"""The pictures of the starting points that the model made, for the page to show instead of drawings.

`python -m seedream.showcase` makes them. `showcase.json` keeps, by example, the request ID under which RunComfy
knows the job, and of what model and size the picture is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedream.ui.bundle import STATIC

KNOWN = Path(__file__).with_name("showcase.json")
PICTURES = STATIC / "showcase"


@dataclass(frozen=True)
class Showcased:
    """A picture that is shown: where it lies below the page's own files, and its size in pixels."""

    path: str
    width: int
    height: int


def showcase(model_id: str) -> Mapping[str, Showcased]:
    """Return the pictures that this model made, by the names of their examples."""
    return {
        name: Showcased(f"{PICTURES.name}/{name}.webp", made["width"], made["height"])
        for name, made in entries(KNOWN).items()
        if made["model_id"] == model_id and "width" in made and (PICTURES / f"{name}.webp").is_file()
    }


def entries(file: Path) -> dict[str, dict[str, Any]]:
    """Return what is known of each example, its name before it; nothing where there is no file."""
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}
