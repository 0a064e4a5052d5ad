from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from seedream import schema
from seedream.offline import Options, create_app, serve
from seedream.schema.__main__ import main
from tests.controlled_api import TOKEN
from tests.grown_catalogue import grown
from tests.schema.test_live import NEW


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files, where they may be written."""
    files = [Path(shutil.copy(file, tmp_path)) for file in schema.FILES]
    monkeypatch.setattr(schema, "FILES", tuple(files))
    monkeypatch.chdir(tmp_path)
    return files


@pytest.fixture
def _catalogue(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    edit = schema.load_models().edit
    assert edit
    with serve(create_app(Options(), models=[grown(), edit])) as service:
        monkeypatch.setenv("RUNCOMFY_TOKEN", TOKEN)
        monkeypatch.setenv("RUNCOMFY_BASE_URL", service.url)
        yield


@pytest.mark.usefixtures("_catalogue")
def test_it_prints_what_differs_and_writes_nothing(copies: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    before = [file.read_bytes() for file in copies]
    assert main([]) == 0
    said = capsys.readouterr().out
    assert f"\n  resolution also takes '{NEW}'\n  watermark is new (boolean)\n" in said
    assert "lite/edit:\n  known for certain now: resolution, " in said
    assert TOKEN not in said
    assert [file.read_bytes() for file in copies] == before


@pytest.mark.usefixtures("_catalogue")
def test_written_the_files_say_what_the_catalogue_does(
    copies: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--write"]) == 0
    plain, edit = map(schema.load, copies)
    assert NEW in plain.field("resolution").choices
    assert plain.field("watermark").title == "Water <b>mark</b>"
    assert not any(field.careful for field in edit.fields)
    assert plain.field("prompt").recommended_words == 600
    capsys.readouterr()
    written = [json.loads(file.read_text(encoding="utf-8")) for file in copies]
    assert main(["--write"]) == 0
    assert capsys.readouterr().out.count("no difference") == 2
    assert [json.loads(file.read_text(encoding="utf-8")) for file in copies] == written


def test_a_catalogue_that_can_t_be_read_changes_nothing(
    copies: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = [file.read_bytes() for file in copies]
    monkeypatch.setenv("RUNCOMFY_TOKEN", TOKEN)
    monkeypatch.setenv("RUNCOMFY_BASE_URL", "http://127.0.0.1:9")
    assert main(["--write"]) == 1
    assert "can't be read (service_unreachable)" in capsys.readouterr().out
    assert [file.read_bytes() for file in copies] == before


@pytest.mark.usefixtures("copies")
def test_without_a_token_it_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RUNCOMFY_TOKEN", "RUNCOMFY_API_TOKEN", "RUNCOMFY_API_KEY", "YOUR_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit, match="RUNCOMFY_TOKEN"):
        main([])
