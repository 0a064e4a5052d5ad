"""Every text that people read, by key and language. The files in `locales/` hold them, one a language."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LOCALES = Path(__file__).with_name("locales")
FALLBACK = "en"
# Tags of Chinese that is written in traditional characters, unless they name the others.
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@cache
def locales() -> Mapping[str, Mapping[str, str]]:
    """Return the texts by language (a BCP 47 tag, such as `en` or `zh-CN`) and key."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(LOCALES.glob("*.json"))}


def text(key: str, language: str = FALLBACK, **facts: object) -> str:
    """Return a text with its placeholders filled. A key that a language lacks is told in English."""
    found = locales().get(language, {}).get(key) or locales()[FALLBACK][key]
    # Not str.format: the facts are foreign text, and a brace in one of them is a brace.
    return _PLACEHOLDER.sub(lambda place: str(facts.get(place[1], place[0])), found)


def has(key: str) -> bool:
    """Tell whether there is a text under this key."""
    return key in locales()[FALLBACK]


def best_language(accept_language: str | None) -> str:
    """Choose among the languages that there are by a browser's `Accept-Language` header.

    >>> best_language("ja-JP,ja;q=0.9,en;q=0.8")
    'ja'
    >>> best_language("tlh")
    'en'
    """
    wished = sorted(_wishes(accept_language or ""), key=lambda wish: -wish[1])
    return next((found for tag, _ in wished if (found := _offered(tag))), FALLBACK)


def system_language(environ: Mapping[str, str] | None = None) -> str:
    """Choose among the languages that there are as programs on a terminal do.

    Args:
        environ: the variables LANGUAGE, LC_ALL, LC_MESSAGES and LANG; default: the process's.

    >>> system_language({"LANG": "ja_JP.UTF-8"})
    'ja'
    >>> system_language({"LANGUAGE": "ja", "LC_ALL": "C"})
    'en'
    """
    values = os.environ if environ is None else environ
    locale = values.get("LC_ALL") or values.get("LC_MESSAGES") or values.get("LANG") or ""
    if locale in ("C", "POSIX"):
        return FALLBACK
    wishes = [*values.get("LANGUAGE", "").split(":"), locale]
    return best_language(",".join(re.split(r"[.@]", wish)[0].replace("_", "-") for wish in wishes))


def _offered(tag: str) -> str | None:
    """Return the language that there is for a tag: itself, itself without its region, or another region's."""
    names = {name.lower(): name for name in locales()}
    first, *more = tag.lower().split("-")
    if first == "zh" and tag.lower() not in names:
        traditional = "hans" not in more and not _TRADITIONAL.isdisjoint(more)
        return names.get("zh-tw" if traditional else "zh-cn")
    related = (name for name in names if name.split("-")[0] == first)
    return names.get(tag.lower()) or names.get(first) or names.get(next(related, ""))


def _wishes(header: str) -> list[tuple[str, float]]:
    """Return the tags of an `Accept-Language` header with their weights; 0 is a language not wished for."""
    wishes = []
    for part in header.split(","):
        tag, _, weight = part.replace(" ", "").partition(";q=")
        with contextlib.suppress(ValueError):
            wishes.append((tag, float(weight or 1)))
    return [wish for wish in wishes if wish[1] > 0]
