"""The page's modules as few files: each once, after what it needs, and nothing that would be missed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from seedream.ui import bundle
from seedream.ui.bundle import COMMENT, ENTRY, STATIC, WALL, NotUnderstoodError, bundles, loaded_later, modules
from tests.browser_units.node import NODE

SMALL = {
    "main.js": """
import {
  twice as double,
} from "./lib/two.js";
import * as two from "./lib/two.js";
export const [NAME, OTHER] = ["main", "other"];
// How it starts.
export async function start() {
  /** The sheet, whose `late` comes
   * late. */
  const { late } = await import("./late/late.js");
  const sheet = new URL("./a.css", import.meta.url);
  return [double(2), two.twice(3), two.calls(), NAME, late(), sheet.pathname];
}
""",
    "lib/two.js": """
let count = 0;
export function twice(value) {
  count += 1;
  return 2 * value;
}
export function calls() {
  return count;
}
""",
    "late/late.js": """
import { calls } from "../lib/two.js";
import { more } from "./more.js";
export function late() {
  return `late ${calls()} ${more}
import { sleep } from "timers";`;
}
""",
    "late/more.js": "export const more = `and more`;\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the page's modules are those of a small page."""
    for name, text in SMALL.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(bundle, "STATIC", tmp_path)
    bundles.cache_clear()
    return tmp_path


@pytest.fixture(autouse=True)
def _forget() -> object:
    yield
    bundles.cache_clear()


def test_a_bundle_does_what_its_modules_do(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("bundles")
    for name, text in bundles().items():
        (elsewhere / name).parent.mkdir(exist_ok=True)
        (elsewhere / name).write_text(text)
    assert _started(folder).replace(str(folder), "") == _started(elsewhere).replace(str(elsewhere), "")


@pytest.mark.parametrize(
    "added",
    [
        "export let changing = 0;",
        'export { twice } from "./lib/two.js";',
        "export default 1;",
        'import two from "./lib/two.js";',
        'import "./lib/two.js";',
        'import { start } from "../main.js";',
    ],
)
def test_what_can_not_be_put_together_is_an_error_at_the_start(folder: Path, added: str) -> None:
    file = folder / ("lib/two.js" if "main.js" in added else "main.js")
    file.write_text(f"{added}\n{file.read_text()}")
    with pytest.raises(NotUnderstoodError):
        bundles()


def test_every_module_comes_once_and_after_what_it_needs() -> None:
    first = modules(ENTRY)
    assert first[-1] == ENTRY
    assert len(first) == len(set(first))
    for place, name in enumerate(first):
        needed = re.findall(r'^import\b[^;]*\sfrom\s*"(\.[^"]+)"', (STATIC / name).read_text(), re.MULTILINE)
        paths = {(STATIC / name).parent.joinpath(each).resolve() for each in needed}
        assert paths <= {(STATIC / each).resolve() for each in first[:place]}


def test_what_looks_like_a_comment_within_a_text_stays() -> None:
    for name in {*modules(ENTRY), *modules(WALL)}:
        text = (STATIC / name).read_text(encoding="utf-8")
        within = [found[0] for found in COMMENT.finditer(text) if text[: found.start()].count("`") % 2]
        assert within == [], name


def test_what_only_some_need_comes_later() -> None:
    late = loaded_later(modules(ENTRY))
    assert {"export/contact-sheet.js", "export/storyboard.js", "developer/developer.js"} <= set(late)
    assert not set(late) & set(modules(ENTRY))
    assert set(bundles()) == {ENTRY, *late}
    # What runs in a worker has a file of its own, and boot.js stands in the page itself.
    alone = {"boot.js", "form/picture-worker.js"}
    scripts = {file.relative_to(STATIC).as_posix() for file in STATIC.rglob("*.js")}
    assert scripts - {name for each in (ENTRY, WALL, *late) for name in modules(each)} == alone


def _started(folder: Path) -> str:
    (folder / "package.json").write_text('{"type": "module"}')
    script = "const { start } = await import(process.argv[1]); console.log(JSON.stringify(await start()));"
    command = [str(NODE), "--input-type=module", "-e", script, str(folder / "main.js")]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
