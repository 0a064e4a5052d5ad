"""The page's modules as few files: over a slow line, a hundred requests take longer than what is in them.

Measured over Fast 3G with a device four times slower (`python -m tests.benchmarks filmstrip`): 68 requests until
the page is alive instead of 152, and 0.40 MB instead of 0.60, the page's HTML compressed among it.

Each module becomes a function that runs once, its exports an object by its path. Only the ways to import and
export that this project writes are understood: any other is an error at the start, not a page that does not work.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath, relpath

STATIC = Path(__file__).with_name("static")
ENTRY = "main.js"
# Stands in the first HTML itself: it can't wait for the others.
WALL = "shell/wall.js"
# What has been loaded, by path; the files that come later have it from the first one.
_LOADED = "$modules"
_IMPORT = re.compile(r'^import (?:\* as (\w+)|\{([^}]*)\}) from "(\.[^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function\*?|class|const) (\w+|\[[\w, ]+\]))", re.MULTILINE)
# Not those of the programs that the page shows to developers: theirs are packages.
_LEFT = re.compile(
    r"^(?:import\b.*[\"']\.|export (?:[{*]|default|let|var|const|function|class|async)).*", re.MULTILINE
)
# On lines of their own, they would be a quarter of what each page receives at once.
COMMENT = re.compile(r"^ *(?://[^\n]*|/\*\*.*?\*/)\n", re.MULTILINE | re.DOTALL)
_LATER = re.compile(r'\bimport\("(\.[^"]+)"\)')
_ADDRESS = re.compile(r'\bnew URL\("(\.[^"]+)", import\.meta\.url\)')


class NotUnderstoodError(ValueError):
    """A module imports or exports in a way that is not written elsewhere."""


@cache
def bundles() -> dict[str, str]:
    """Return the files that take the modules' places: the page's, by `ENTRY`, and each that comes only if needed.

    Raises:
        NotUnderstoodError: there is an import or an export that this file can't read, or a circle of imports.
    """
    first = modules(ENTRY)
    found = {ENTRY: COMMENT.sub("", _joined(f"export const {_LOADED} = {{}};", first, ENTRY))}
    for entry in loaded_later(first):
        own = [each for each in modules(entry) if each not in first]
        found[entry] = _joined(f'import {{ {_LOADED} }} from "{_address(ENTRY, entry)}";', own, entry)
    return found


def inline(entry: str) -> str:
    """Return a module and all that it needs as one script, which runs where it stands in the page's HTML.

    Raises:
        NotUnderstoodError: as of `bundles`.
    """
    lines = ["(() => {", '"use strict";', f"const {_LOADED} = {{}};"]
    return COMMENT.sub("", "\n".join([*lines, *(_run_once(each, entry) for each in modules(entry)), "})();"]))


def modules(entry: str) -> list[str]:
    """Return a module and all that it needs to be loaded, each once, and after what it needs itself."""
    found: list[str] = []
    above: list[str] = []

    def visit(name: str) -> None:
        if name in above:
            raise NotUnderstoodError(f"a circle: {' -> '.join([*above, name])}")
        if name in found:
            return
        above.append(name)
        for _, _, path in _IMPORT.findall(_source(name)):
            visit(_path(path, name))
        found.append(above.pop())

    visit(entry)
    return found


def loaded_later(first: list[str]) -> list[str]:
    """Return what these modules, and those in turn, load only once it is needed, by `import(…)`."""
    found: list[str] = []
    looked_at = list(first)
    for name in looked_at:
        for path in _LATER.findall(_source(name)):
            entry = _path(path, name)
            if entry not in found:
                found.append(entry)
                looked_at += [each for each in modules(entry) if each not in looked_at]
    return found


def _joined(begin: str, names: list[str], entry: str) -> str:
    end = f'export const {{ {", ".join(_exports(entry))} }} = {_LOADED}["{entry}"];\n'
    return "\n".join([begin, *(_run_once(each, entry) for each in names), end])


def _run_once(name: str, bundle: str) -> str:
    """Return a module as a statement of the bundle that stands in the place of `bundle`."""

    def bound(match: re.Match[str]) -> str:
        everything, names, path = match.groups()
        left = everything or f"{{{names.replace(' as ', ': ')}}}"
        return f'const {left} = {_LOADED}["{_path(path, name)}"];'

    def moved(match: re.Match[str]) -> str:
        path = match[1]
        return match[0].replace(path, _address(_path(path, name), bundle))

    text = _EXPORT.sub(r"\1", _IMPORT.sub(bound, _source(name)))
    if left := _LEFT.search(text):
        raise NotUnderstoodError(f"{name}: {left[0]}")
    text = _ADDRESS.sub(moved, _LATER.sub(moved, text))
    return f'{_LOADED}["{name}"] ??= (() => {{\n{text}return {{ {", ".join(_exports(name))} }};\n}})();'


def _exports(name: str) -> list[str]:
    return [each for found in _EXPORT.findall(_source(name)) for each in re.findall(r"\w+", found[1])]


def _source(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _path(path: str, importer: str) -> str:
    """Return where an import leads, as a path below the folder of all modules."""
    return normpath(join(dirname(importer), path))


def _address(name: str, bundle: str) -> str:
    """Return how a file that stands in the place of `bundle` names another."""
    path = relpath(name, dirname(bundle) or ".")
    return path if path.startswith(".") else f"./{path}"
