"""The environment, read once, into one typed object. Nothing else in the project reads it."""

from __future__ import annotations

import codecs
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

OFFICIAL_BASE_URL = "https://model-api.runcomfy.net"
# RunComfy's CLI, its ComfyUI nodes, its MCP server and the model's API page each name the token differently.
TOKEN_NAMES = ("RUNCOMFY_TOKEN", "RUNCOMFY_API_TOKEN", "RUNCOMFY_API_KEY", "YOUR_API_TOKEN")
# The stand-in takes any, and this one cannot be mistaken for an account.
STAND_IN_TOKEN = "sample"  # noqa: S105 - no secret
# Scheme, host, perhaps a port and a path; no user, no query, nothing that parsers disagree about.
_ADDRESS = re.compile(
    r"https?://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>\d{1,5}))?(/[\w./~-]*)?", re.ASCII
)
_LAST_PORT = 65535
_MODEL_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,63}(/[A-Za-z0-9][\w.-]{0,63}){1,4}", re.ASCII)
# What the Hub gives to a Space whose head says `hf_oauth: true`; Gradio reads it of the environment itself.
_SIGN_IN = ("SPACE_ID", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES", "OPENID_PROVIDER_URL")
_A_MODEL = "bytedance/seedream-5.0-pro/text-to-image"
ENV_FILE = Path(".env")
REQUESTS_PER_SECOND = 100
WATCH_SECONDS = 30 * 60.0


@dataclass(frozen=True)
class LimitRules:
    """What the page offers to a visitor, each number at least 1.

    Attributes:
        pictures_per_hour: per visitor. Ten are enough to find out what a prompt does.
        jobs_per_visitor: at once. Four alternatives of one prompt are four jobs.
        jobs_in_all: at once. However many addresses a visitor has, no more than twenty jobs spend at a time.
        max_images: the longest series. Four fit into the hour twice; the schema's 15 never would.
        resolutions: those offered, as the schema writes them; None for all of the schema's.
    """

    pictures_per_hour: int = 10
    jobs_per_visitor: int = 4
    jobs_in_all: int = 20
    max_images: int = 4
    resolutions: tuple[str, ...] | None = None

    @property
    def longest_series(self) -> int:
        """The largest `max_images` that this page can make: one beyond the hour's pictures would never fit."""
        return min(self.max_images, self.pictures_per_hour)

    @property
    def most_alternatives(self) -> int:
        """How many jobs of one picture each a visitor can have at once, at most."""
        return min(self.jobs_per_visitor, self.jobs_in_all, self.pictures_per_hour)


@dataclass(frozen=True)
class Settings:
    """What the app's owner chose.

    Attributes:
        token: the owner's RunComfy token. Never shown in a repr.
        base_url: where the Model API answers, or the stand-in that takes its place.
        real_base_url: where the Model API itself answers, if a stand-in takes its place; else empty.
        own_tokens: whether visitors may pay with RunComfy tokens of their own.
        offline: there is no token, so the API is the embedded stand-in and its pictures are samples.
        watch_seconds: how long a job is watched; then it can be taken up again.
        requests_per_second: how many the owner's token makes at most, however many visitors wait.
        rules: what a visitor may spend of the owner's balance; None: as much as there is.
        limits_storage: where that is counted: `memory://`, or a Redis that several replicas share.
        trusted_proxies: how many proxies in front of the app write `X-Forwarded-For`.
        hosts: the names that the page goes by; empty: any. A page under one of them is none of another site.
        login: a user name and a password that every visitor must give; None: anybody may come.
        sign_in: whether visitors may sign in with Hugging Face, and are counted by their account then.
        log_prompts: whether the log's line of each job holds its prompt.
        secret: signs the addresses of pictures; empty: a new one at each start. Replicas share one.
        model: the ID of the one model that the page is for; empty: those whose files are here.
        live_schema: whether the catalogue's schemas go before the files'.
    """

    token: str = field(default="", repr=False)
    base_url: str = OFFICIAL_BASE_URL
    real_base_url: str = ""
    own_tokens: bool = True
    offline: bool = True
    watch_seconds: float = WATCH_SECONDS
    requests_per_second: int = REQUESTS_PER_SECOND
    rules: LimitRules | None = None
    limits_storage: str = field(default="memory://", repr=False)
    trusted_proxies: int = 0
    hosts: tuple[str, ...] = ()
    login: tuple[str, str] | None = field(default=None, repr=False)
    sign_in: bool = False
    log_prompts: bool = False
    secret: str = field(default="", repr=False)
    model: str = ""
    live_schema: bool = True

    @property
    def visitors_base_url(self) -> str:
        """Where a visitor's own token is sent: the Model API, never a stand-in of it."""
        return self.real_base_url or self.base_url

    def served_by(self, stand_in: str) -> Settings:
        """Return the settings of an app whose API is the stand-in at this URL, which takes any token.

        Visitors' own tokens go to the Model API as before.
        """
        real = self.visitors_base_url
        return replace(self, base_url=stand_in, real_base_url=real, offline=True, token=STAND_IN_TOKEN)


def from_environment(environ: Mapping[str, str] | None = None, env_file: Path = ENV_FILE) -> Settings:
    """Read the settings. A variable that is set wins over the same one in the `.env` file.

    Args:
        environ: the variables; default: the process's.
        env_file: read if it is there; default: `.env` in the working directory.

    Raises:
        ValueError: a value makes no sense; the text names the variable and what would.
    """
    own = os.environ if environ is None else environ
    found = {**_read(env_file), **own}
    values = {name: value.strip() for name, value in found.items() if value and value.strip()}
    base_url = _base_url(values.get("RUNCOMFY_BASE_URL", OFFICIAL_BASE_URL))
    token = next((name for name in TOKEN_NAMES if name in values), "")
    if base_url != OFFICIAL_BASE_URL and "RUNCOMFY_BASE_URL" not in own:
        if token in own:
            raise ValueError(
                "RUNCOMFY_BASE_URL stands in .env, and the token of the environment is not sent to an address "
                "that a folder names: put a token into the same .env, or the address into the environment"
            )
        # Nor are those of the page's visitors.
        base_url = base_url if token else OFFICIAL_BASE_URL
    on_a_space = "SPACE_ID" in values
    # A Space is public, and its visitors spend its owner's balance. Samples cost nobody anything.
    limited = _switch(values, "SEEDREAM_LIMITS", default=on_a_space and bool(token))
    return Settings(
        token=values.get(token, ""),
        base_url=base_url,
        own_tokens=_switch(values, "SEEDREAM_OWN_TOKENS", default=True),
        offline=not token,
        watch_seconds=_number(values, "SEEDREAM_WATCH_MINUTES", 30) * 60,
        requests_per_second=_number(values, "SEEDREAM_REQUESTS_PER_SECOND", REQUESTS_PER_SECOND),
        rules=_rules(values) if limited else None,
        limits_storage=values.get("SEEDREAM_LIMITS_STORAGE", "memory://"),
        trusted_proxies=_number(values, "SEEDREAM_TRUSTED_PROXIES", 1 if on_a_space else 0, lowest=0),
        hosts=_listed(values, "SEEDREAM_HOSTS"),
        login=_login(values),
        # Where nothing is counted, nobody needs to say who they are. Elsewhere than on a Space, Gradio would let
        # everybody in as whoever runs it.
        sign_in=limited and own.get("SYSTEM") == "spaces" and all(map(own.get, _SIGN_IN)),
        log_prompts=_switch(values, "SEEDREAM_LOG_PROMPTS", default=False),
        secret=values.get("SEEDREAM_SECRET", ""),
        model=_model(values),
        live_schema=_one_of(values, "SEEDREAM_SCHEMA", ("live", "file")) == "live",
    )


def _read(env_file: Path) -> Mapping[str, str | None]:
    """Read the file also as Windows writes it: its PowerShell puts a text into a file in UTF-16, with a mark."""
    content = env_file.read_bytes() if env_file.exists() and not env_file.is_dir() else b""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return dotenv_values(stream=StringIO(content.decode("utf-16" if wide else "utf-8-sig")))


def _rules(values: Mapping[str, str]) -> LimitRules:
    usual = LimitRules()
    return LimitRules(
        pictures_per_hour=_number(values, "SEEDREAM_PICTURES_PER_HOUR", usual.pictures_per_hour),
        jobs_per_visitor=_number(values, "SEEDREAM_JOBS_PER_VISITOR", usual.jobs_per_visitor),
        jobs_in_all=_number(values, "SEEDREAM_JOBS", usual.jobs_in_all),
        max_images=_number(values, "SEEDREAM_MAX_IMAGES", usual.max_images),
        resolutions=_listed(values, "SEEDREAM_RESOLUTIONS") or None,
    )


def _listed(values: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in values.get(name, "").split(",") if each.strip())


def _login(values: Mapping[str, str]) -> tuple[str, str] | None:
    user, password = values.get("SEEDREAM_USER"), values.get("SEEDREAM_PASSWORD")
    if user and password:
        return user, password
    if user or password:
        # Half a login would leave the page open though its owner meant to close it.
        raise ValueError("SEEDREAM_USER and SEEDREAM_PASSWORD belong together: set both, or neither")
    return None


def _number(values: Mapping[str, str], name: str, default: int, *, lowest: int = 1) -> int:
    value = values.get(name, str(default))
    if not value.isdecimal() or int(value) < lowest:
        raise ValueError(f"{name} is a whole number from {lowest} up, not {value!r}")
    return int(value)


def _switch(values: Mapping[str, str], name: str, *, default: bool) -> bool:
    return _one_of(values, name, ("on", "off") if default else ("off", "on")) == "on"


def _one_of(values: Mapping[str, str], name: str, choices: tuple[str, str]) -> str:
    """Return which of two values is set; by default the first."""
    value = values.get(name, choices[0]).lower()
    if value not in choices:
        raise ValueError(f"{name} is either {' or '.join(sorted(choices, reverse=True))}, not {value!r}")
    return value


def _model(values: Mapping[str, str]) -> str:
    model_id = values.get("SEEDREAM_MODEL", "")
    if model_id and not _MODEL_ID.fullmatch(model_id):
        raise ValueError(f"SEEDREAM_MODEL is a model's ID such as {_A_MODEL}, not {model_id!r}")
    return model_id


def _base_url(value: str) -> str:
    found = _ADDRESS.fullmatch(value)
    if not found or int(found["port"] or 0) > _LAST_PORT:
        raise ValueError(f"RUNCOMFY_BASE_URL is not a web address such as {OFFICIAL_BASE_URL}")
    if value.startswith("http:") and not _is_this_machine(found["host"]):
        raise ValueError("RUNCOMFY_BASE_URL begins with https://, or your token would travel in plain")
    return value.rstrip("/")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
