"""The environment, read once, into one typed object. Nothing else in the project reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

OFFICIAL_BASE_URL = "https://model-api.runcomfy.net"
# RunComfy's CLI, its MCP server and the model's API page each name the token differently; all are honoured.
TOKEN_NAMES = ("RUNCOMFY_TOKEN", "RUNCOMFY_API_KEY", "YOUR_API_TOKEN")
# The stand-in takes any, and this one cannot be mistaken for an account.
STAND_IN_TOKEN = "sample"  # noqa: S105
ENV_FILE = Path(".env")


@dataclass(frozen=True)
class Settings:
    """What the app's owner chose.

    Attributes:
        token: the owner's RunComfy token. Never shown in a repr.
        base_url: where the Model API answers (`RUNCOMFY_BASE_URL`).
        offline: there is no token, so the API is the embedded stand-in and its pictures are samples.
    """

    token: str = field(default="", repr=False)
    base_url: str = OFFICIAL_BASE_URL
    offline: bool = True

    def served_by(self, stand_in: str) -> Settings:
        """Return the settings of an app whose API is the stand-in at this URL, which takes any token."""
        return replace(self, base_url=stand_in, offline=True, token=STAND_IN_TOKEN)


def from_environment(environ: Mapping[str, str] | None = None, env_file: Path = ENV_FILE) -> Settings:
    """Read the settings. A variable that is set wins over the same one in the `.env` file.

    Args:
        environ: the variables; default: the process's.
        env_file: read if it is there; default: `.env` in the working directory.

    Raises:
        ValueError: a value makes no sense; the text names the variable and what would.
    """
    filed = {name: value for name, value in dotenv_values(env_file).items() if value is not None}
    found = {**filed, **(os.environ if environ is None else environ)}
    values = {name: value.strip() for name, value in found.items() if value.strip()}
    token = next((values[name] for name in TOKEN_NAMES if name in values), "")
    return Settings(
        token=token,
        base_url=_base_url(values.get("RUNCOMFY_BASE_URL", OFFICIAL_BASE_URL)),
        offline=not token,
    )


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError(f"RUNCOMFY_BASE_URL is not a web address such as {OFFICIAL_BASE_URL}")
    return value.rstrip("/")
