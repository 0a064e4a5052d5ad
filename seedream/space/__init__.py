"""What the Hugging Face Space is: `space.yaml`, read into one typed object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parent.parent.parent
SPACE = ROOT / "space.yaml"


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
    """What the Space is.

    Attributes:
        hub: its configuration, as the Hub reads it at the head of README.
        secrets: the secrets that it knows.
        variables: the variables that it knows.
    """

    hub: Mapping[str, object]
    secrets: tuple[Secret, ...]
    variables: tuple[Variable, ...]


def load(path: Path = SPACE) -> Space:
    """Read what the Space is."""
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Space(
        read["hub"],
        tuple(Secret(name, each["meaning"]) for name, each in read["secrets"].items()),
        tuple(Variable(name, str(each["default"]), each["meaning"]) for name, each in read["variables"].items()),
    )


def front_matter(space: Space) -> str:
    """Return the head of README by which the Hub knows the Space, in YAML."""
    dumped: str = yaml.safe_dump(dict(space.hub), sort_keys=False, allow_unicode=True)
    return dumped
