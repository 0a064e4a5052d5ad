"""What the Hugging Face Space is, by `space.yaml` and the files of this repository; `deploy` makes it so.

Nothing of a Space is changed that was not said before, and nothing that somebody else changed meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml  # type: ignore[import-untyped]  # huggingface_hub brings it, and no types for it

ROOT = Path(__file__).parent.parent.parent
SPACE = ROOT / "space.yaml"

_SINGLE = ("app.py", "requirements.txt", "README.md", "space.yaml", "LICENSE")
_PICTURE = re.compile(r"!\[[^\]]*\]\((?!\w+:)([^)#?\s]+)\)")
# What Python and editors leave beside the sources.
_LEFT_BEHIND = re.compile(r"(^|/)(\.|__pycache__/)|\.pyc$|~$")


@dataclass(frozen=True)
class Variable:
    """What the owner may choose: its name, what the app takes where nothing is set, and what it sets."""

    name: str
    default: str
    meaning: str


@dataclass(frozen=True)
class Secret:
    """What nobody may see: its name, and what it is for."""

    name: str
    meaning: str


@dataclass(frozen=True)
class Space:
    """What the Space is. `hub` is its configuration, as the Hub reads it at the head of README."""

    hub: Mapping[str, object]
    secrets: tuple[Secret, ...]
    variables: tuple[Variable, ...]


def load(path: Path = SPACE) -> Space:
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Space(
        read["hub"],
        tuple(Secret(name, each["meaning"]) for name, each in read["secrets"].items()),
        tuple(Variable(name, str(each["default"]), each["meaning"]) for name, each in read["variables"].items()),
    )


def head(readme: Path) -> Mapping[str, object]:
    """Return the configuration at a README's head, by which the Hub goes."""
    found: Mapping[str, object] = yaml.safe_load(readme.read_text(encoding="utf-8").split("---\n", 2)[1])
    return found


def needed(root: Path) -> Mapping[str, Path]:
    """Return the files that the Space needs, by their names in it.

    They are the app, its package with all its data, what it requires, and README with its pictures.

    Raises:
        FileNotFoundError: one of them is not there, so this is not the repository.
    """
    readme = root / "README.md"
    pictures = _PICTURE.findall(readme.read_text(encoding="utf-8")) if readme.is_file() else []
    inside = sorted(path for path in (root / "seedream").rglob("*") if path.is_file())
    names = (*_SINGLE, *(path.relative_to(root).as_posix() for path in inside), *pictures)
    named = {name: root / name for name in names if not _LEFT_BEHIND.search(name)}
    missing = [name for name, path in named.items() if not path.is_file()]
    if missing:
        raise FileNotFoundError(", ".join(missing))
    return named
