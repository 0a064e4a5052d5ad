"""README is up to date with what it is generated from."""

from __future__ import annotations

import json
from pathlib import Path

from seedream.schema import TEXT_TO_IMAGE, load
from tests import readme


def test_the_generated_parts_are_up_to_date() -> None:
    written = readme.README.read_text(encoding="utf-8")
    assert readme.generated(written, load(), readme.SPACE.read_text(encoding="utf-8")) == written


def test_a_value_added_to_the_schema_is_in_the_table(tmp_path: Path) -> None:
    page = json.loads(TEXT_TO_IMAGE.read_text(encoding="utf-8"))
    page["input"]["properties"]["resolution"]["enum"].append("1280x720 (16:9)")
    changed = tmp_path / "model.json"
    changed.write_text(json.dumps(page), encoding="utf-8")
    assert "`1280x720 (16:9)`" in readme.fields_table(load(changed))


def test_the_space_runs_the_gradio_that_is_required() -> None:
    version = next(
        line.partition(":")[2].strip()
        for line in readme.SPACE.read_text(encoding="utf-8").splitlines()
        if line.startswith("sdk_version")
    )
    requirements = (readme.README.parent / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert f"gradio=={version}" in requirements
