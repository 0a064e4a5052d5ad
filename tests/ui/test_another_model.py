"""What the catalogue adds, for scripts and agents; and starts where it tells nothing of use."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from gradio_client import Client

from seedream.offline import Options, create_app, serve
from tests.controlled_api import TOKEN
from tests.grown_catalogue import TITLE, grown, last_request, served, served_without
from tests.runcomfy.test_live_models import FILES, NONSENSE
from tests.schema.test_live import NEW, PRO
from tests.servers import ROOT, AppProcess, Recorder
from tests.ui.mcp_client import connected

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def there() -> Iterator[tuple[AppProcess, Recorder]]:
    with served(grown()) as found:
        yield found


def test_what_the_catalogue_adds_is_a_parameter_of_scripts(there: tuple[AppProcess, Recorder]) -> None:
    app, recorder = there
    client = Client(app.url, verbose=False)
    told = client.view_api(return_format="dict", print_info=False)
    named = {each["parameter_name"]: each for each in told["named_endpoints"]["/generate"]["parameters"]}
    assert NEW in named["resolution"]["type"]["enum"]
    assert named["watermark"]["type"] == {"type": "boolean"}
    _, record = client.predict(prompt="a bay", resolution=NEW, watermark=True, api_name="/generate")
    assert record["status"] == "completed"
    assert last_request(recorder)["watermark"] is True


async def test_what_the_catalogue_adds_is_a_parameter_of_agents(there: tuple[AppProcess, Recorder]) -> None:
    app, recorder = there
    async with connected(f"{app.url}/gradio_api/mcp/") as session:
        tools = {each.name: each for each in (await session.list_tools()).tools}
        properties = tools["generate"].inputSchema["properties"]
        assert NEW in properties["resolution"]["enum"]
        assert properties["watermark"]["type"] == "boolean"
        assert TITLE in json.dumps(properties, ensure_ascii=False)
        made = await session.call_tool("generate", {"prompt": "a bay", "resolution": NEW, "watermark": True})
    assert not made.isError
    assert last_request(recorder)["resolution"] == NEW


@pytest.mark.parametrize("what", ["hangs", "HTML", "a schema of another thing"])
def test_where_the_catalogue_is_of_no_use_the_files_make_the_page_and_one_line_says_so(what: str) -> None:
    with served_without(NONSENSE[what]) as (app, recorder):
        client = Client(app.url, verbose=False)
        told = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
        for name, model in (("/generate", FILES.plain), ("/edit", FILES.edit)):
            assert model
            choices = {each["parameter_name"]: each["type"].get("enum") for each in told[name]["parameters"]}
            assert set(choices) == {field.name for field in model.fields}
            assert choices["resolution"] == list(model.field("resolution").choices)
        _, record = client.predict(prompt="a bay", api_name="/generate")
        assert record["status"] == "completed"
        assert last_request(recorder) == FILES.plain.request({"prompt": "a bay"})
    (line,) = [line for line in app.lines if "The catalogue" in line]
    assert line.count("the file's schema is in force") == 2
    assert TOKEN not in app.output


def test_a_model_whose_schema_can_t_be_read_ends_the_start_with_one_sentence() -> None:
    with serve(create_app(Options())) as service:
        environment = {"RUNCOMFY_TOKEN": TOKEN, "RUNCOMFY_BASE_URL": service.url, "SEEDREAM_MODEL": PRO}
        started = subprocess.run(
            [sys.executable, "app.py"],
            env={"PATH": "", **environment},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert started.returncode == 1
    (line,) = [line for line in started.stderr.splitlines() if line]
    assert line.startswith(f"The page can't start: the catalogue's schema of {PRO} can't be read (not_found)")
    assert TOKEN not in started.stderr
