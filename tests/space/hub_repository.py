"""What the Hub's stand-in keeps of a Space, and what it knows of a Space's configuration."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml  # type: ignore[import-untyped]

# https://huggingface.co/docs/hub/spaces-config-reference
_KEYS = (
    *("title", "emoji", "colorFrom", "colorTo", "sdk", "python_version", "sdk_version", "suggested_hardware"),
    *("suggested_storage", "app_file", "app_build_command", "app_port", "base_path", "fullWidth", "header"),
    *("short_description", "models", "datasets", "tags", "thumbnail", "pinned", "hf_oauth", "hf_oauth_scopes"),
    *("hf_oauth_expiration_minutes", "disable_embedding", "startup_duration_timeout", "custom_headers"),
    *("preload_from_hub", "license"),
)
_COLORS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
_LONGEST_DESCRIPTION = 60


@dataclass(frozen=True)
class File:
    """A file of a repository. A binary one is kept elsewhere; then `content` is the pointer to it."""

    content: bytes
    sha256: str = ""
    size: int = 0

    def listed(self, path: str) -> dict[str, Any]:
        entry = {"type": "file", "path": path, "oid": blob(self.content), "size": self.size or len(self.content)}
        if self.sha256:
            entry["lfs"] = {"oid": self.sha256, "size": self.size, "pointerSize": len(self.content)}
        return entry


@dataclass
class RemoteSpace:
    """A Space as the Hub keeps it, with what the Hub itself puts into a new one."""

    sdk: str = "gradio"
    private: bool = False
    files: dict[str, File] = field(
        default_factory=lambda: {".gitattributes": File(b"*.bin filter=lfs\n"), "README.md": File(b"---\n---\n")}
    )
    variables: dict[str, dict[str, str]] = field(default_factory=dict)
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    commits: list[list[dict[str, Any]]] = field(default_factory=list)

    @property
    def head(self) -> str:
        return _sha1(json.dumps(self.commits).encode())


def blob(content: bytes) -> str:
    """Return the name that git gives to a file."""
    return _sha1(b"blob %d\0%b" % (len(content), content))


def _sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def faults(readme: str) -> Iterator[str]:
    """Say what the Hub would not take of a Space's configuration, at the head of its README."""
    front = yaml.safe_load(readme.split("---\n")[1]) or {}
    yield from (f'"{key}" is not known' for key in front if key not in _KEYS)
    yield from (
        f'"{key}" must be a color of the Hub' for key in ("colorFrom", "colorTo") if front[key] not in _COLORS
    )
    if len(front["short_description"]) > _LONGEST_DESCRIPTION:
        yield f'"short_description" must be at most {_LONGEST_DESCRIPTION} characters long'
