"""Every command and snippet of README does what README says: taken from there as it stands, and run.

Those that take long run elsewhere: the first and the screenshots in `tests/trials`, the tests' own by `.ci/run`.
"""

from __future__ import annotations

import ast
import json
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import requests
from PIL import Image

from seedream import texts
from seedream.offline import Options, create_app, serve
from seedream.schema import EDIT, load, load_models, model_of
from seedream.schema.live import page_of
from tests.benchmarks.__main__ import parts, save
from tests.checkout import Checkout, copied
from tests.grown_catalogue import grown
from tests.limits.redis_server import RedisServer, redis_server
from tests.offline.support import Client
from tests.readme import README
from tests.readme_snippets import asked_for, matching, snippet, snippets
from tests.schema.test_live import PRO, pro_entry
from tests.sdk.scripting import TOKEN, RunningApi, running_api
from tests.servers import ROOT, AppProcess, Recorder, free_port, start_app
from tests.space.hub import hub
from tests.trials.test_space import HUB_TOKEN, NAME, SECRET, Operator, complete
from tests.ui.mcp_client import connected

USUAL = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def there() -> Iterator[RunningApi]:
    with running_api() as service:
        yield service


@pytest.fixture(scope="module")
def paying(folder: Path, there: RunningApi) -> Checkout:
    """The copy, in front of an API that makes small pictures at once."""
    return Checkout(folder, {"RUNCOMFY_BASE_URL": there.url, "RUNCOMFY_TOKEN": TOKEN})


def test_each_of_readmes_commands_is_run_by_a_test() -> None:
    fitting = {pattern: matching(pattern) for pattern in asked_for()}
    assert {pattern: found for pattern, found in fitting.items() if len(found) != 1} == {}
    run = {text for found in fitting.values() for text in found}
    assert [text for text in snippets() if text not in run] == []


def test_a_new_command_in_readme_is_noticed() -> None:
    added = "Then `python -m new`, its `--flag`\nor `new(\n1)`, not `a_name`:\n\n```\nnew\n```\n"
    assert snippets(added) == ["new", "python -m new", "--flag", "new( 1)"]


# --- Test it


@pytest.mark.parametrize("failing", ["-m tests", "-m tests engines", "-m tests trials"])
def test_the_test_commands_are_what_ci_runs_and_a_failure_counts(
    folder: Path, tmp_path: Path, failing: str
) -> None:
    # Run inside itself it would have no end: the programs that it starts only say what they were asked.
    told = tmp_path / "told"
    tell = f"""#!/bin/sh
echo "${{0##*/}} $*" >> {told}
case "$*" in
    "-m venv "*) mkdir -p "$3/bin" && ln -sf {tmp_path}/pip {tmp_path}/python "$3/bin/" ;;
    "{failing}") exit 3 ;;
esac
"""
    for name in ("python3", "pip", "python"):
        (tmp_path / name).write_text(tell)
        (tmp_path / name).chmod(0o755)
    done = Checkout(folder, {"PATH": f"{tmp_path}:{os.environ['PATH']}"}).run(".ci/run")
    commands = [
        snippet("python3 -m venv .venv-tests *"),
        snippet(".venv-tests/bin/python -m tests engines"),
        snippet(".venv-tests/bin/python -m tests trials"),
    ]
    run = commands[: 1 + [command.endswith(failing) for command in commands].index(True)]
    # It bounds seconds, which nobody promises of the machine that checks a change.
    assert snippet(".venv-tests/bin/python -m tests timed") not in done.out
    assert (done.code, done.out) == (3, "".join(f"+ {command}\n" for command in run)), done.err
    parts = " && ".join(run).replace(".venv-tests/bin/", "").split(" && ")
    assert told.read_text().splitlines() == parts


def test_the_live_test_makes_one_picture(folder: Path, service: Recorder) -> None:
    # In front of the stand-in, which takes no money.
    before = len(service.submissions())
    checkout = Checkout(folder, {"RUNCOMFY_BASE_URL": service.url, "RUNCOMFY_TOKEN": TOKEN})
    assert "1 passed" in checkout.succeeds(snippet("python -m pytest -m live"))
    assert len(service.submissions()) == before + 1


# --- On a Hugging Face Space


def test_deploy_makes_the_space_and_its_flags_do_what_they_say(folder: Path, tmp_path: Path) -> None:
    with hub({HUB_TOKEN: ("ada",)}) as made:
        checkout = Checkout(folder, {"HF_ENDPOINT": made.url, "HF_HOME": str(tmp_path)})
        said = checkout.succeeds(snippet("hf auth login\n*").replace("OWNER/NAME", NAME), RUNCOMFY_TOKEN=SECRET)
        assert (tmp_path / "token").read_text() == HUB_TOKEN
        assert "This is the plan. Nothing was changed." in said
        complete(Operator(folder, tmp_path, made))

        space = made.spaces[NAME]
        space.variables["SEEDREAM_JOBS"] = {"value": "3"}
        flags = f"{snippet('--private')} {snippet('--new-secret')} {snippet('--reset-variables')}"
        deploy = f"{snippet('python -m seedream.space deploy')} {NAME}"
        checkout.succeeds(f"{deploy} {flags}", RUNCOMFY_TOKEN="another")
        assert space.private
        assert space.secrets["RUNCOMFY_TOKEN"]["value"] == "another"
        assert space.variables["SEEDREAM_JOBS"]["value"] == "20"
        assert "Nothing to do" in checkout.succeeds(deploy)


def test_sign_in_is_turned_on_in_one_place_and_deployed(tmp_path: Path) -> None:
    folder = copied(tmp_path / "checkout")
    of_the_space, turned_on = folder / "space.yaml", snippet("hf_oauth: true")
    described = of_the_space.read_text(encoding="utf-8")
    of_the_space.write_text(described.replace("hf_oauth: false", turned_on), encoding="utf-8")
    with hub({HUB_TOKEN: ("ada",)}) as made:
        checkout = Checkout(folder, {"HF_ENDPOINT": made.url, "HF_HOME": str(tmp_path), "HF_TOKEN": HUB_TOKEN})
        block = snippet("python -m tests.readme --write\n*").replace("OWNER/NAME", NAME)
        checkout.succeeds(block, RUNCOMFY_TOKEN=SECRET)
        assert turned_on.encode() in made.spaces[NAME].files["README.md"].content


# --- Script it


def test_a_terminal_makes_pictures_and_takes_a_job_up_again(paying: Checkout, there: RunningApi) -> None:
    command = snippet('python -m seedream "a red fox" *')
    (path,) = paying.succeeds(command).splitlines()
    assert path.startswith("out/") and (paying.folder / path).is_file()
    told = json.loads(paying.succeeds(f"{command} {snippet('--json')}"))
    assert (told["status"], len(told["files"])) == ("completed", 1)
    before = there.submitted()
    resume = snippet("python -m seedream --resume REQUEST_ID").replace("REQUEST_ID", told["request_id"])
    (again,) = paying.succeeds(resume).splitlines()
    assert (paying.folder / again).is_file()
    assert there.submitted() == before
    assert "REQUEST_ID" in paying.succeeds(f"{snippet('python -m seedream')} {snippet('--help')}")


def test_without_a_token_a_terminal_makes_samples_and_says_so(folder: Path) -> None:
    command = snippet('python -m seedream "a red fox" *')
    done = Checkout(folder).run(f"{command} {snippet('--json')}", RUNCOMFY_TOKEN="")
    assert (done.code, done.err.strip()) == (0, texts.text("command.samples"))
    assert done.json["sample"] is True
    (file,) = done.json["files"]
    assert file["path"].startswith("out/sample-")
    with Image.open(folder / file["path"]) as image:
        assert image.size == (2048, 2048)


def test_a_script_makes_pictures_and_may_await_them(paying: Checkout, there: RunningApi) -> None:
    before = there.submitted()
    block = snippet("import seedream\n*")
    _, cost, path = paying.succeeds("python -", given=block).split(maxsplit=2)
    assert (cost, "out/" in path) == ("0.04", True)
    (arguments,) = re.findall(r"seedream\.generate\((.+)\)", block)
    more = f"""
import asyncio
{snippet("import seedream")}

async def made():
    return {snippet("await seedream.generate_async(…)").replace("…", arguments)}

request_id = asyncio.run(made()).request_id
print({snippet("seedream.resume(request_id)")}.request_id == request_id)
try:
    seedream.generate(" ")
except {snippet("seedream.SeedreamError")} as error:
    print(error.code)
"""
    assert paying.succeeds("python -", given=more) == "True\nprompt_empty\n"
    assert there.submitted() == before + 2


def test_a_terminal_and_a_script_start_from_pictures(paying: Checkout, there: RunningApi) -> None:
    Image.new("RGB", (64, 48), "red").save(paying.folder / "a.png")
    before = there.submitted()
    (path,) = paying.succeeds(snippet('python -m seedream "in oil" *')).splitlines()
    assert (paying.folder / path).is_file()
    paying.succeeds("python -", given=snippet("from PIL import Image\n*"))
    calls = there.recorder.submissions()[before:]
    assert {call.path for call in calls} == {f"/v1/models/{load(EDIT).model_id}"}
    (file, address), (same, picture), (result,) = (call.json["image"] for call in calls)
    assert address == "https://example.org/b.png"
    assert file == same != picture
    assert picture.startswith("data:image/png;base64,")
    assert result.startswith(f"{there.url}/files/")


# --- Over a running page


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture(scope="module")
def page(folder: Path, there: RunningApi, server: RedisServer) -> Iterator[AppProcess]:
    """The page of an owner whose token and settings stand in `.env`, as README has them."""
    Checkout(folder).succeeds(snippet("echo *").replace("your token", TOKEN))
    storage = snippet("SEEDREAM_LIMITS_STORAGE=*").replace("redis://…", server.url)
    with (folder / ".env").open("a") as file:
        file.write(f"{storage}\nSEEDREAM_LIMITS=on\n")
    app = start_app({"RUNCOMFY_BASE_URL": there.url, "PYTHONPATH": ""}, cwd=folder, program=folder / "app.py")
    try:
        yield app
    finally:
        app.kill()


def test_a_script_over_the_page(page: AppProcess, folder: Path, there: RunningApi, server: RedisServer) -> None:
    block = snippet("from gradio_client import Client\n\ngallery*")
    *_, said = Checkout(folder).succeeds("python -", given=_at(page, block)).splitlines()
    _, paths = said.split(maxsplit=1)
    assert [Path(path).is_file() for path in ast.literal_eval(paths)] == [True]
    assert _bearer(there) == f"Bearer {TOKEN}"
    assert redis.Redis(port=server.port).dbsize()


def test_a_script_over_the_page_changes_what_it_made(page: AppProcess, folder: Path, there: RunningApi) -> None:
    block = _at(page, snippet("from gradio_client import Client\n\npage*"))
    *_, said = Checkout(folder).succeeds("python -", given=block).splitlines()
    assert ast.literal_eval(said) == there.recorder.submissions()[-1].json["image"]


def test_a_script_whose_connection_is_cut_finds_its_job_by_its_key(
    page: AppProcess, folder: Path, there: RunningApi
) -> None:
    block = _at(page, snippet("import uuid\n*"))
    before = there.submitted()
    whole = Checkout(folder).succeeds("python -", given=block).split()[-1]
    # The first answer is there, and then the connection is not.
    cut = "import gradio_client\nclass Cut(gradio_client.Client):\n" + (
        "    def predict(self, *values, **named):\n"
        "        if named['api_name'] == '/resume': return super().predict(*values, **named)\n"
        "        next(iter(self.submit(*values, **named)))\n"
        "        raise ConnectionError\n"
        "gradio_client.Client = Cut\n"
    )
    found = Checkout(folder).succeeds("python -", given=cut + block).split()[-1]
    assert found != whole
    assert there.submitted() == before + 2


def test_a_script_with_an_account_of_its_own(page: AppProcess, folder: Path, there: RunningApi) -> None:
    client = snippet("Client(url, headers=*").replace("…", '"of-its-own"')
    order = 'predict(prompt="a blue fox", api_name="/generate")'
    script = f"from gradio_client import Client\nurl = {page.url!r}\n{client}.{order}\n"
    Checkout(folder).succeeds("python -", given=script)
    assert _bearer(there) == "Bearer of-its-own"


async def test_an_agent_is_given_the_page(page: AppProcess) -> None:
    given = json.loads(snippet('{"mcpServers": *'))
    async with connected(_at(page, given["mcpServers"]["seedream"]["url"])) as session:
        assert {tool.name for tool in (await session.list_tools()).tools} == {
            "generate",
            "edit",
            "resume",
            "cancel",
        }


# --- Another model


def test_the_page_of_another_model(folder: Path) -> None:
    command = snippet("SEEDREAM_MODEL=*")
    model_id = command.split()[0].partition("=")[2]
    entry = pro_entry()
    del entry["input_schema"]["properties"]["image"]
    entry["input_schema"]["required"] = ["prompt"]
    model = model_of({**page_of(entry, PRO, load().output_schema), "model_id": model_id})
    with serve(create_app(Options(queue_seconds=0.1, drawing_seconds=0.1), models=[model])) as service:
        checkout = Checkout(folder, {"RUNCOMFY_BASE_URL": service.url, "RUNCOMFY_TOKEN": TOKEN})
        port = str(free_port())
        with checkout.serving(command, GRADIO_SERVER_PORT=port) as app:
            described = requests.get(f"{app.url}/gradio_api/info", timeout=60).json()
    names = [each["parameter_name"] for each in described["named_endpoints"]["/generate"]["parameters"]]
    assert names == [field.name for field in model.fields]


def test_the_showcase_is_made_after_a_yes(tmp_path: Path, there: RunningApi) -> None:
    checkout = Checkout(copied(tmp_path), {"RUNCOMFY_BASE_URL": there.url, "RUNCOMFY_TOKEN": TOKEN})
    command, sent = snippet("python -m seedream.showcase"), len(there.recorder.submissions())
    done = checkout.run(command, given="no\n")
    assert done.code == 1 and "for up to $0.72" in done.out
    assert len(there.recorder.submissions()) == sent
    checkout.succeeds(command, given="yes\n")
    assert len(there.recorder.submissions()) == sent + 12


def test_the_schemas_command(tmp_path: Path) -> None:
    edit = load_models().edit
    assert edit
    with serve(create_app(Options(), models=[grown(), edit])) as service:
        checkout = Checkout(copied(tmp_path), {"RUNCOMFY_BASE_URL": service.url, "RUNCOMFY_TOKEN": TOKEN})
        assert "watermark is new" in checkout.succeeds(snippet("python -m seedream.schema"))
        assert snippet("--write") in snippet("python -m seedream.schema --write")
        checkout.succeeds(snippet("python -m seedream.schema --write"))
        assert "watermark" not in checkout.succeeds(snippet("python -m seedream.schema"))


def _at(page: AppProcess, text: str) -> str:
    """Return a text with the page's address in place of the usual one, whose port may be somebody's."""
    assert USUAL in text
    return text.replace(USUAL, page.url)


def _bearer(there: RunningApi) -> str:
    return there.recorder.submissions()[-1].headers["authorization"]


# --- Settings


def test_the_table_has_every_setting() -> None:
    section = README.read_text(encoding="utf-8").split("## Settings")[1].split("\n## ")[0]
    names = "".join(line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `"))
    told = re.findall(r"`([A-Z_]+)`", names)
    source = (ROOT / "seedream" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'"((?:RUNCOMFY|YOUR|SEEDREAM|OAUTH|OPENID)_[A-Z_]+)"', source))
    assert {name for name in told if not name.startswith("GRADIO_")} == read


def test_the_stand_in_answers_by_itself(folder: Path) -> None:
    command = snippet("python -m seedream.offline --port *")
    port = int(command.rpartition(" ")[2])
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            command, port = command.replace(str(port), "0"), 0
    with Checkout(folder).started(command) as process:
        assert process.stdout
        url = re.findall(r"http://\S+\d", process.stdout.readline())[0]
        assert url.endswith(f":{port}") or port == 0
        api = Client(url)
        assert api.status(api.submit())["status"] == "in_queue"


# --- Contributing


def test_the_generated_parts_are_written_anew(folder: Path) -> None:
    readme = folder / "README.md"
    whole = readme.read_text(encoding="utf-8")
    spoilt = whole.replace("title: Seedream", "title: Another").replace("| `prompt` |", "| `words` |")
    readme.write_text(spoilt, encoding="utf-8")
    Checkout(folder).succeeds(snippet("python -m tests.readme --write"))
    assert spoilt != whole == readme.read_text(encoding="utf-8")


def test_the_benchmarks_start_and_save_what_was_measured(folder: Path, tmp_path: Path) -> None:
    # All of them take minutes, and each of their parts more than the other tests here: they are only loaded.
    told = Checkout(folder).succeeds(f"{snippet('python -m tests.benchmarks')} --help")
    assert all(each in told for each in (*parts(), snippet("--save"), snippet("--frames FOLDER")))
    saved = tmp_path / "benchmarks.md"
    before = (folder / "tests" / "readme_images" / "benchmarks.md").read_text(encoding="utf-8")
    saved.write_text(before, encoding="utf-8")
    save({}, saved)
    assert saved.read_text(encoding="utf-8") == before
    save({"zip": "A ZIP.\n\n- Fifteen"}, saved)
    after = saved.read_text(encoding="utf-8").split("\n## ")
    kept = [part for part in before.split("\n## ") if not part.startswith("zip\n")]
    assert len(kept) == len(after) - 1 == len(parts()) - 1
    assert [part for part in after if part not in kept] == ["zip\n\nA ZIP.\n\n- Fifteen\n"]
