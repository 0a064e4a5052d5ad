"""The files that the Space needs, and whether the Hub has them as they are here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_SINGLE = ("app.py", "requirements.txt", "README.md", "space.yaml", "LICENSE")
_PICTURE = re.compile(r"!\[[^\]]*\]\((?!\w+:)([^)#?\s]+)\)")
# What Python and editors leave beside the sources.
_LEFT_BEHIND = re.compile(r"(^|/)(\.|__pycache__/)|\.pyc$|~$")


@dataclass(frozen=True)
class RemoteFile:
    """A file as the Hub lists it.

    Attributes:
        blob: its name in git, a SHA-1.
        sha256: of its content, where the Hub keeps that outside of git.
    """

    blob: str
    sha256: str | None = None

    def holds(self, content: bytes) -> bool:
        """Tell whether this is the file's content."""
        if self.sha256:
            return self.sha256 == hashlib.sha256(content).hexdigest()
        named = b"blob %d\0%b" % (len(content), content)
        return self.blob == hashlib.sha1(named, usedforsecurity=False).hexdigest()


def needed(root: Path) -> Mapping[str, Path]:
    """Return the files that the Space needs, by their names in it.

    They are the app, its package with all its data, what it requires, and README with its pictures.

    Raises:
        FileNotFoundError: one of them is not there, so this is not the repository.
    """
    named = {name: root / name for name in (*_SINGLE, *_package(root), *_pictures(root))}
    missing = [name for name, path in named.items() if not path.is_file()]
    if missing:
        raise FileNotFoundError(", ".join(missing))
    return named


def _package(root: Path) -> Iterator[str]:
    for path in sorted((root / "seedream").rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not _LEFT_BEHIND.search(name):
            yield name


def _pictures(root: Path) -> list[str]:
    readme = root / "README.md"
    return _PICTURE.findall(readme.read_text(encoding="utf-8")) if readme.is_file() else []
