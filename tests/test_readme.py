"""README is up to date with what it is generated from, and what it says of the Space is true."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from seedream.schema import TEXT_TO_IMAGE
from seedream.schema import load as load_model
from seedream.settings import Settings, from_environment
from seedream.space import SPACE, Variable
from seedream.space import load as load_space
from tests import readme

# A Space as its owner means it to be: visitors spend the owner's balance, within limits.
ON_A_SPACE = {"SPACE_ID": "ada/atelier", "RUNCOMFY_TOKEN": "marker-3f9c1d27-owner"}


def test_the_generated_parts_are_up_to_date() -> None:
    written = readme.README.read_text(encoding="utf-8")
    assert readme.generated(written, load_model(), load_space()) == written


def test_a_value_added_to_the_schema_is_in_the_table(tmp_path: Path) -> None:
    page = json.loads(TEXT_TO_IMAGE.read_text(encoding="utf-8"))
    page["input"]["properties"]["resolution"]["enum"].append("1280x720 (16:9)")
    changed = tmp_path / "model.json"
    changed.write_text(json.dumps(page), encoding="utf-8")
    assert "`1280x720 (16:9)`" in readme.fields_table(load_model(changed))


def test_the_front_matter_is_what_the_hub_is_to_know(tmp_path: Path) -> None:
    front = readme.README.read_text(encoding="utf-8").split("---\n")[1]
    assert yaml.safe_load(front) == load_space().hub
    changed = tmp_path / "space.yaml"
    changed.write_text(
        SPACE.read_text(encoding="utf-8").replace("Seedream Atelier", "An Atelier"), encoding="utf-8"
    )
    made = readme.generated(readme.README.read_text(encoding="utf-8"), load_model(), load_space(changed))
    assert yaml.safe_load(made.split("---\n")[1])["title"] == "An Atelier"


def test_the_space_runs_the_gradio_that_is_required_and_installed() -> None:
    requirements = (readme.README.parent / "requirements.txt").read_text(encoding="utf-8")
    pinned = re.findall(r"^gradio(?:\[[\w,]+\])?==(.+)$", requirements, re.MULTILINE)
    assert [load_space().hub["sdk_version"]] == pinned == [version("gradio")]


@pytest.mark.parametrize("variable", load_space().variables, ids=lambda variable: variable.name)
def test_a_variable_of_the_space_is_read_and_has_that_default(variable: Variable) -> None:
    usual = _read()
    assert _read(**{variable.name: variable.default}) == usual
    assert _read(**{variable.name: str(int(variable.default) + 1)}) != usual


def test_the_secret_of_the_space_is_all_that_it_needs() -> None:
    secrets = {secret.name: "marker" for secret in load_space().secrets}
    found = from_environment({"SPACE_ID": "ada/atelier", **secrets}, Path("no.env"))
    assert (found.offline, found.token) == (False, "marker")


def _read(**variables: str) -> Settings:
    return from_environment({**ON_A_SPACE, **variables}, Path("no.env"))
