"""`python -m seedream.space deploy`, as its own process, against a stand-in of the Hub."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from seedream.space import ROOT, load, needed
from tests.servers import Call
from tests.space.hub import Hub, hub
from tests.space.hub_repository import File, RemoteSpace

HUB_TOKEN = "hf_marker-ada"
SECRET = "marker-3f9c1d27-owner"
NAME = "ada/atelier"
PATIENCE = 30.0


@dataclass(frozen=True)
class Run:
    """What one run of the command did."""

    code: int
    output: str
    calls: list[Call]

    @property
    def changes(self) -> list[Call]:
        return [call for call in self.calls if call.method != "GET"]


@dataclass(frozen=True)
class Operator:
    """A copy of the repository, and the Hub that it is deployed to."""

    repository: Path
    home: Path
    hub: Hub

    def run(self, *arguments: str, **variables: str) -> Run:
        """Run the command with no terminal."""
        return self._ran(arguments, variables, self._unattended)

    def run_at_a_terminal(self, typed: str, *arguments: str, **variables: str) -> Run:
        """Run it at a terminal, where somebody types this at its question."""
        return self._ran(arguments, variables, lambda command, env: self._attended(command, env, typed))

    def _ran(
        self,
        arguments: Sequence[str],
        variables: dict[str, str],
        how: Callable[[list[str], dict[str, str]], tuple[int, str]],
    ) -> Run:
        command = [sys.executable, "-m", "seedream.space", "deploy", *arguments]
        kept = {name: value for name, value in os.environ.items() if "TOKEN" not in name and name[:3] != "HF_"}
        seen = len(self.hub.calls)
        code, output = how(
            command,
            {**kept, "HF_ENDPOINT": self.hub.url, "HF_HOME": str(self.home), "HF_TOKEN": HUB_TOKEN, **variables},
        )
        assert "Traceback" not in output
        return Run(code, output, self.hub.calls[seen:])

    def _unattended(self, command: list[str], env: dict[str, str]) -> tuple[int, str]:
        done = subprocess.run(
            command,
            cwd=self.repository,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        return done.returncode, done.stdout

    def _attended(self, command: list[str], env: dict[str, str], typed: str) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            command,
            cwd=self.repository,
            env=env,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        ) as process:
            os.close(theirs)
            output = ""
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline and select.select([ours], [], [], PATIENCE)[0]:
                try:
                    output += os.read(ours, 4096).decode()
                except OSError:  # Linux's way to say that the other end is closed
                    break
                if typed and output.endswith("leaves it out): "):
                    os.write(ours, f"{typed}\n".encode())
                    typed = ""
            os.close(ours)
            return process.wait(PATIENCE), output


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    repository = tmp_path / "repository"
    for name, path in needed(ROOT).items():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, repository / name)
    with hub({HUB_TOKEN: ("ada",)}) as made:
        yield Operator(repository, tmp_path / "home", made)


def complete(operator: Operator) -> None:
    """Check that the Space is what it should be."""
    space = operator.hub.spaces[NAME]
    local = needed(operator.repository)
    assert space.files.keys() == {*local, ".gitattributes"}
    for name, path in local.items():
        remote, content = space.files[name], path.read_bytes()
        if remote.sha256:
            assert (remote.sha256, remote.size) == (hashlib.sha256(content).hexdigest(), len(content))
        else:
            assert remote.content == content
    assert space.variables == {
        each.name: {"value": each.default, "description": each.meaning} for each in load().variables
    }
    assert space.secrets["RUNCOMFY_TOKEN"]["value"] == SECRET


def test_a_space_is_made_and_filled_in_one_commit_and_then_left_alone(operator: Operator) -> None:
    for stray in (
        ".env",
        "notes.txt",
        "seedream/.DS_Store",
        "seedream/__pycache__/jobs.pyc",
        "tests/test_jobs.py",
    ):
        (operator.repository / stray).parent.mkdir(exist_ok=True)
        (operator.repository / stray).write_text(f"RUNCOMFY_TOKEN={SECRET}\n", encoding="utf-8")

    planned = operator.run(NAME, "--dry-run", RUNCOMFY_TOKEN=SECRET)
    assert (planned.code, planned.changes) == (0, [])
    for line in ("make    a public Space", "add     seedream/locales/ja.json", "set     SEEDREAM_JOBS = 20"):
        assert line in planned.output
    assert NAME not in operator.hub.spaces

    # The client would write each request down, with its body.
    done = operator.run(NAME, RUNCOMFY_TOKEN=SECRET, HF_DEBUG="1")
    assert done.code == 0, done.output
    complete(operator)
    space = operator.hub.spaces[NAME]
    assert (len(space.commits), space.private) == (1, False)
    pictures = {name for name, file in space.files.items() if file.sha256}
    assert pictures == {f"tests/readme_images/{name}" for name in ("page.jpg", "phones.jpg", "frontier.png")}
    assert {name for name in space.files if name.startswith("tests/")} == pictures

    assert SECRET not in planned.output + done.output
    told = [call.path for call in done.calls if SECRET.encode() in call.body]
    assert told == [f"/api/spaces/{NAME}/secrets?"]
    assert not [call for call in done.calls if SECRET in call.path + str(call.headers)]
    kept = [path for path in operator.home.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert kept == []

    again = operator.run(NAME)
    assert (again.code, again.changes) == (0, [])
    assert "Nothing to do" in again.output


def test_what_changed_is_one_commit_and_what_is_no_longer_needed_goes(operator: Operator) -> None:
    assert operator.run(NAME, RUNCOMFY_TOKEN=SECRET).code == 0
    head = operator.hub.spaces[NAME].head
    (operator.repository / "seedream/http_session.py").unlink()
    (operator.repository / "seedream/locales/tlh.json").write_text("{}\n", encoding="utf-8")
    (operator.repository / "tests/readme_images/page.jpg").write_bytes(b"\xff\xd8\0 another picture")
    changed = operator.run(NAME)
    assert changed.code == 0, changed.output
    assert "1 added, 1 changed, 1 removed" in changed.output
    header, *operations = map(json.loads, changed.changes[-1].body.splitlines())
    assert header["value"]["parentCommit"] == head
    assert {(each["key"], each["value"]["path"]) for each in operations} == {
        ("file", "seedream/locales/tlh.json"),
        ("lfsFile", "tests/readme_images/page.jpg"),
        ("deletedFile", "seedream/http_session.py"),
    }
    complete(operator)


def test_the_secret_is_asked_for_unseen_and_only_when_it_is_missing(operator: Operator) -> None:
    asked = operator.run_at_a_terminal(SECRET, NAME)
    assert asked.code == 0, asked.output
    assert "RUNCOMFY_TOKEN (not shown" in asked.output
    assert SECRET not in asked.output
    complete(operator)
    settled = operator.run_at_a_terminal("", NAME)
    assert (settled.code, settled.changes) == (0, [])
    assert "not shown" not in settled.output
    anew = operator.run_at_a_terminal("another", NAME, "--new-secret")
    assert [call.path for call in anew.changes] == [f"/api/spaces/{NAME}/secrets?"]
    assert operator.hub.spaces[NAME].secrets["RUNCOMFY_TOKEN"]["value"] == "another"
    # A secret of the environment is for a Space that has none.
    assert operator.run(NAME, RUNCOMFY_TOKEN=SECRET).changes == []


def test_without_a_secret_the_space_is_made_all_the_same(operator: Operator) -> None:
    done = operator.run(NAME, "--private")
    assert done.code == 0, done.output
    assert "RUNCOMFY_TOKEN is left out" in done.output
    assert (operator.hub.spaces[NAME].secrets, operator.hub.spaces[NAME].private) == ({}, True)
    assert operator.run(NAME).changes == []


def test_what_the_owner_chose_at_the_hub_stays_until_it_is_reset(operator: Operator) -> None:
    operator.run(NAME, RUNCOMFY_TOKEN=SECRET)
    variables = operator.hub.spaces[NAME].variables
    variables["SEEDREAM_JOBS"] = {"value": "3"}
    del variables["SEEDREAM_MAX_IMAGES"]
    kept = operator.run(NAME)
    assert "SEEDREAM_JOBS stays 3" in kept.output
    assert [call.json["key"] for call in kept.changes] == ["SEEDREAM_MAX_IMAGES"]
    assert operator.run(NAME, "--reset-variables", "--private").code == 0
    assert operator.hub.spaces[NAME].private
    complete(operator)


def test_a_client_without_xet_uploads_by_lfs(operator: Operator) -> None:
    done = operator.run(NAME, RUNCOMFY_TOKEN=SECRET, HF_HUB_DISABLE_XET="1")
    assert done.code == 0, done.output
    assert any(call.path.startswith("/lfs/") for call in done.calls)
    complete(operator)


@pytest.mark.parametrize(
    ("method", "ending", "when"),
    [
        ("POST", "/repos/create", "after"),
        ("POST", "/variables", "before"),
        ("POST", "/secrets", "before"),
        ("POST", "/commit/main", "before"),
        ("POST", "/commit/main", "after"),
    ],
)
def test_a_run_that_is_cut_is_finished_by_the_next(
    operator: Operator, method: str, ending: str, when: Literal["before", "after"]
) -> None:
    operator.hub.cut = (method, ending, when)
    cut = operator.run(NAME, RUNCOMFY_TOKEN=SECRET)
    assert cut.code == 75, cut.output
    assert "Run the same command again" in cut.output
    finished = operator.run(NAME, RUNCOMFY_TOKEN=SECRET)
    assert finished.code == 0, finished.output
    complete(operator)
    assert len(operator.hub.spaces[NAME].commits) == 1
    assert SECRET not in cut.output + finished.output


def test_what_somebody_else_changes_meanwhile_is_seen_before_it_goes(operator: Operator) -> None:
    assert operator.run(NAME, RUNCOMFY_TOKEN=SECRET).code == 0
    (operator.repository / "seedream/http_session.py").unlink()
    operator.hub.rival = True
    refused = operator.run(NAME)
    assert (refused.code, "Traceback" in refused.output) == (75, False)
    assert f"Somebody else changed {NAME} just now, so no file was uploaded. Look with --dry-run" in refused.output
    assert {"notes.md", "seedream/http_session.py"} <= operator.hub.spaces[NAME].files.keys()
    assert "remove  notes.md" in operator.run(NAME, "--dry-run").output
    assert operator.run(NAME).code == 0
    complete(operator)


def _of_somebody_else(hub: Hub) -> None:
    hub.spaces["bob/atelier"] = RemoteSpace()


def _of_another_kind(hub: Hub) -> None:
    hub.spaces[NAME] = RemoteSpace(sdk="docker")


def _with_other_work(hub: Hub) -> None:
    hub.spaces[NAME] = RemoteSpace()
    hub.spaces[NAME].files["app.py"] = File(b"print('my thesis')\n")


def _taken(hub: Hub) -> None:
    hub.taken = frozenset([NAME])


def _paying(hub: Hub) -> None:
    hub.paying = True


@dataclass(frozen=True)
class Refusal:
    """A run that gets nowhere: how, and what it says."""

    code: int
    sentence: str
    name: str = NAME
    token: str = HUB_TOKEN
    prepare: Callable[[Hub], None] = lambda _: None


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(77, "You are not logged in at the Hub. Log in with `hf auth login`, or set HF_TOKEN", token=""),
        Refusal(77, "The Hub does not accept your token. Log in with `hf auth login`", token="hf_old"),
        Refusal(77, "You may not change bob/atelier", "bob/atelier"),
        Refusal(77, "You may not change bob/atelier", "bob/atelier", prepare=_of_somebody_else),
        Refusal(77, "Subscribe to PRO", prepare=_paying),
        Refusal(73, "The name ada/atelier is taken", prepare=_taken),
        Refusal(73, "There is a Space ada/atelier already, and it is something else", prepare=_of_another_kind),
        Refusal(73, "There is a Space ada/atelier already, and it is something else", prepare=_with_other_work),
        Refusal(64, "'atelier' is not of the form OWNER/NAME", "atelier"),
        Refusal(78, "The Hub can't use this", "ada/--"),
    ],
    ids=lambda refusal: refusal.sentence,
)
def test_a_refusal_is_a_sentence_and_changes_nothing(operator: Operator, refusal: Refusal) -> None:
    refusal.prepare(operator.hub)
    before = {each: dict(space.files) for each, space in operator.hub.spaces.items()}
    run = operator.run(refusal.name, HF_TOKEN=refusal.token, RUNCOMFY_TOKEN=SECRET)
    assert (run.code, refusal.sentence in run.output) == (refusal.code, True), run.output
    assert {each: space.files for each, space in operator.hub.spaces.items()} == before
    assert not [call for call in run.calls if SECRET.encode() in call.body]


def test_a_configuration_that_the_hub_does_not_know_is_refused(operator: Operator) -> None:
    _replace(operator, "colorTo: red", "colorTo: ochre", "README.md", "space.yaml")
    refused = operator.run(NAME, RUNCOMFY_TOKEN=SECRET)
    assert (refused.code, '"colorTo" must be a color' in refused.output) == (78, True), refused.output
    assert operator.hub.spaces[NAME].commits == []


def test_a_sign_in_that_is_turned_on_in_one_place_alone_is_not_deployed(operator: Operator) -> None:
    _replace(operator, "hf_oauth: false", "hf_oauth: true", "space.yaml")
    refused = operator.run(NAME)
    assert (refused.code, refused.calls) == (78, [])
    assert "python -m tests.readme --write" in refused.output
    _replace(operator, "hf_oauth: false", "hf_oauth: true", "README.md")
    assert operator.run(NAME, RUNCOMFY_TOKEN=SECRET).code == 0
    assert b"hf_oauth: true" in operator.hub.spaces[NAME].files["README.md"].content


def _replace(operator: Operator, old: str, new: str, *names: str) -> None:
    for name in names:
        file = operator.repository / name
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_half_a_repository_is_not_deployed(operator: Operator) -> None:
    (operator.repository / "app.py").unlink()
    refused = operator.run(NAME)
    assert (refused.code, refused.calls) == (66, [])
    assert "app.py is missing" in refused.output
