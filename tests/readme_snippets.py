"""README's commands and snippets, as they stand there, for the tests that run them.

A test that runs one asks for it by `snippet(pattern)`. What README has and no test asks for is found by reading
the tests' own sources.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from tests.readme import README

_BLOCK = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`]+)`")
# Values of the schema, not commands.
_FIELDS = re.compile(r"<!-- fields -->.*?<!-- /fields -->", re.DOTALL)
# What a shell, an interpreter or a browser's address line takes. All else names something, or tells a shape.
_RUNS = re.compile(r"^[^({].*[\s(=]|^-|^seedream\.")


def snippets(markdown: str | None = None) -> list[str]:
    """Return every fenced block and every inline command of README (or of this text), in order, each once."""
    text = _FIELDS.sub("", README.read_text(encoding="utf-8") if markdown is None else markdown)
    blocks = [found[1].rstrip("\n") for found in _BLOCK.finditer(text)]
    spans = (" ".join(span.split()) for span in _SPAN.findall(_BLOCK.sub("", text)))
    return list(dict.fromkeys([*blocks, *filter(_RUNS.search, spans)]))


def matching(pattern: str) -> list[str]:
    """Return README's snippets that a pattern such as `python3 -m venv .venv *` fits."""
    return [each for each in snippets() if fnmatchcase(each, pattern)]


def snippet(pattern: str) -> str:
    """Return the one snippet of README that fits, for a test that runs it."""
    found = matching(pattern)
    assert len(found) == 1, f"{pattern!r} is {len(found)} of README's commands"
    return found[0]


def asked_for() -> Iterator[str]:
    """Yield the pattern of each call of `snippet` in the tests."""
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="snippet"), args=[ast.Constant(value=str(pattern))]):
                    yield pattern
