"""The house as README draws it: each room knows only the rooms below it, and none is too large to be read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT

PACKAGE = ROOT / "seedream"
STATIC = PACKAGE / "ui" / "static"
# From the roof down. Rooms on one floor don't know each other.
FLOORS = (
    {"app", "__main__", "showcase"},
    {"ui", "space", "offline.__main__", "schema.__main__"},
    {"cli", "offline"},
    {"sdk"},
    {"jobs", "pictures"},
    {"limits", "runcomfy"},
    {"schema", "http_session", "fair_semaphore"},
    {"settings", "errors"},
    {"texts"},
)
# Only samples need the stand-in: these start it where they find no token, and nothing else knows that it is there.
STARTS_THE_STAND_IN = {"app", "sdk"}
MOST_LINES = 250
RUN = 6


def python_files() -> list[Path]:
    return [ROOT / "app.py", *sorted(PACKAGE.rglob("*.py"))]


def sources(*endings: str) -> list[Path]:
    return [each for each in sorted(PACKAGE.rglob("*")) if each.suffix in endings]


def room_of(name: str) -> str | None:
    """Return the room of a module, by its name below `seedream`; None for what is no room of this project."""
    parts = name.split(".")
    if parts[0] != "seedream":
        return None
    if parts[1:] in (["offline", "__main__"], ["schema", "__main__"], ["__main__"]):
        return ".".join(parts[1:])
    return parts[1] if len(parts) > 1 else ""


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the module of each import of this project's, wherever in the file it stands."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, each.name) for each in node.names if each.name.startswith("seedream"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("seedream"):
            names = [f"{node.module}.{each.name}" for each in node.names]
            modules = [name for name in names if _is_module(name)]
            yield from ((node.lineno, name) for name in modules or [str(node.module)])


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def floor_of(room: str) -> int:
    return next(number for number, floor in enumerate(FLOORS) if room in floor)


def climbs() -> Iterator[str]:
    for file in python_files():
        room = "app" if file.name == "app.py" else room_of(module_name(file))
        if not room:
            continue  # `seedream` itself loads nothing before it is asked to
        for line, name in imports(file):
            other = room_of(name)
            if not other or other == room or (other == "offline" and room in STARTS_THE_STAND_IN):
                continue
            if floor_of(other) <= floor_of(room):
                yield f"{file.relative_to(ROOT)}:{line}: {room} imports {other}, which is no room below it"


def test_each_room_knows_only_the_rooms_below_it() -> None:
    assert list(climbs()) == []


def test_readme_names_each_room_above_those_that_it_knows() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("| room |")[2].partition("\n\n")[0]
    paths = re.findall(r"`([^`]+)`", "".join(row.split("|")[1] for row in table.splitlines()[2:]))
    named = [Path(each.removeprefix("seedream/")).with_suffix("").as_posix() for each in paths]
    there = {each.stem for each in PACKAGE.iterdir() if each.is_dir() or each.suffix == ".py"}
    assert {*named} - {"ui/static", "tests"} == {each for each in there if not each.startswith("_")} | {"app"}
    floors = [floor_of(each) for each in named if each not in ("ui/static", "locales", "tests")]
    assert floors == sorted(floors)


def test_no_import_is_hidden() -> None:
    hidden = [str(file) for file in python_files() if "import_module" in file.read_text(encoding="utf-8")]
    assert hidden == []


def test_modules_don_t_import_each_other_in_a_circle() -> None:
    known = {module_name(file): {name for _, name in imports(file)} for file in python_files()}
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name in done:
            return
        for other in sorted(known.get(name, ())):
            walk(other, (*path, name))
        done.add(name)

    for name in known:
        walk(name, ())


def test_little_lies_directly_in_the_hall() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= 8
    assert len([each for each in STATIC.iterdir() if each.is_file()]) <= 6


def test_a_module_is_read_in_one_sitting() -> None:
    lines = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in sources(".py", ".js", ".css")}
    assert {str(file): count for file, count in lines.items() if count > MOST_LINES} == {}


@pytest.mark.parametrize("room", sorted(each for each in PACKAGE.iterdir() if (each / "__init__.py").is_file()))
def test_a_room_says_what_it_is_for(room: Path) -> None:
    assert len(ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))) or "") > 80


def test_gradios_markup_is_known_in_one_folder_of_the_scripts() -> None:
    markup = re.compile(
        r"getElementById|querySelector(All)?\(\s*[\"'`]#|\.gradio-container|data-testid|gradio_config", re.ASCII
    )
    found = [
        f"{file.relative_to(STATIC)}: {line.strip()}"
        for file in sources(".js")
        if file.parent.name != "gradio"
        for line in file.read_text(encoding="utf-8").splitlines()
        if markup.search(line)
    ]
    assert found == []


def test_the_scripts_import_and_export_nothing_in_vain() -> None:
    scripts = {file: file.read_text(encoding="utf-8") for file in sources(".js")}
    everything = "\n".join(scripts.values())
    vain = []
    for file, text in scripts.items():
        imported = ",".join(re.findall(r'^import (?:\* as |\{)([^}]*?)\}? from "\.', text, re.MULTILINE))
        used_here = [each.split(" as ")[-1].strip() for each in imported.split(",") if each.strip()]
        exported = re.findall(r"^export (?:async )?(?:function\*?|class|const) (\w+)", text, re.MULTILINE)
        vain += [f"{file.name} imports {name}" for name in used_here if _times(name, text) < 2]
        vain += [
            f"{file.name} exports {name}" for name in exported if _times(name, everything) == _times(name, text)
        ]
    # What Gradio's component asks the page's module for (gallery.py).
    assert sorted(set(vain) - {"main.js exports start", "main.js exports filling"}) == []


def _times(name: str, text: str) -> int:
    return len(re.findall(rf"\b{name}\b", text))


def test_the_scripts_leave_nothing_on_the_window() -> None:
    put = re.compile(r"(?:window|globalThis)\.\w+\s*(?:\?\?)?=[^=]")
    assert [str(file) for file in sources(".js") if put.search(file.read_text(encoding="utf-8"))] == []


def test_no_six_lines_stand_twice() -> None:
    seen: dict[tuple[str, ...], str] = {}
    twice = []
    for file in sources(".py", ".js", ".css"):
        numbered = [
            (number, line.strip())
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
            if len(line.strip()) > 3 and not line.strip().startswith(("import ", "from ", "#", "//", "/*", "*"))
        ]
        for at in range(len(numbered) - RUN + 1):
            run = tuple(line for _, line in numbered[at : at + RUN])
            here = f"{file.relative_to(ROOT)}:{numbered[at][0]}"
            if run in seen:
                twice.append(f"{here} as {seen[run]}")
            seen.setdefault(run, here)
    assert twice == []
