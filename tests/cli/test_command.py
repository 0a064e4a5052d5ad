"""`python -m seedream` as a process, in a directory that is not the repository's."""

from __future__ import annotations

import hashlib
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from seedream import texts
from seedream.jobs.estimates import Estimates
from seedream.schema import EDIT, load
from tests.controlled_api import ControlledApi, controlled_api, wait_until
from tests.sdk.scripting import TOKEN, Done, RunningApi, ended, environment, run, running_api, start
from tests.servers import free_port

NAMED = re.compile(r"Request ID (\S+)\n")


@pytest.fixture(scope="module")
def there() -> Iterator[RunningApi]:
    with running_api() as service:
        yield service


@pytest.fixture(scope="module")
def api() -> Iterator[ControlledApi]:
    with controlled_api() as service:
        yield service


def said(key: str) -> str:
    return texts.text(key)


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "ja_JP"}, "ja"),
        ({"LANG": "ja_JP", "LC_MESSAGES": "ja_JP", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "tlh:ja_JP:en"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LANGUAGE": "ja", "LC_ALL": "C"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "ja@latin"}, "ja"),
        ({"LANG": "\udcff;q=0,,"}, "en"),
    ],
)
def test_the_language_is_the_systems(variables: dict[str, str], language: str) -> None:
    assert texts.system_language(variables) == language


# --- what it makes


def test_pictures_lie_in_the_folder_under_names_that_tell(there: RunningApi, tmp_path: Path) -> None:
    arguments = ("A red fox, in the snow!", "--resolution", "2048x2048 (1:1)", "-o", "out/deep")
    command = ("-m", "seedream", *arguments)
    twice = [start(tmp_path, environment(there.url), *command) for _ in range(2)]
    both = [ended(process) for process in twice]
    assert [done.code for done in both] == [0, 0], both
    # At the same moment, and yet neither takes the other's name.
    first, second = sorted(path for done in both for path in done.paths)
    assert re.fullmatch(r"out/deep/\d{4}-\d\d-\d\d-a-red-fox-in-the-snow-01\.png", str(first))
    assert second.name == first.name.replace("-01", "-02")
    assert {path.name for path in (tmp_path / "out/deep").iterdir()} == {first.name, second.name}
    assert (tmp_path / first).read_bytes() == (tmp_path / second).read_bytes()
    sent = there.recorder.submissions()[-1]
    assert sent.json == load().request({"prompt": arguments[0], "resolution": arguments[2]})
    # Said alone, on a standard error that is no terminal: the request ID.
    assert all(NAMED.fullmatch(done.err) for done in both)


def test_a_series_as_json(there: RunningApi, tmp_path: Path) -> None:
    arguments = ["2 pictures, one junk", "--sequential-image-generation", "auto", "--max-images=2", "--json"]
    done = run(tmp_path, environment(there.url), *arguments, "--output-format", "jpeg")
    told = done.json
    assert (told["status"], told["sample"], told["error"]) == ("completed", False, None)
    assert told["request"]["max_images"] == 2
    assert told["cost_usd"] == pytest.approx(0.08)
    assert told["request_id"] in done.err
    whole, junk = told["files"]
    assert [file["url"] for file in told["files"]] == [output["url"] for output in told["outputs"]]
    content = (tmp_path / whole["path"]).read_bytes()
    assert whole["path"].endswith("-2-pictures-one-junk-01.jpg")
    assert (whole["width"], whole["height"], whole["format"], whole["bytes"]) == (64, 48, "JPEG", len(content))
    assert whole["sha256"] == hashlib.sha256(content).hexdigest()
    # The one that is no picture is told, and asked for again at no cost; nothing of it lies in the folder.
    assert junk["error"]["code"] == "file_not_a_picture"
    assert f"--resume {told['request_id']}" in done.err
    assert done.code == 75
    assert list(tmp_path.iterdir()) == [tmp_path / whole["path"]]


def test_a_pipe_that_closes_takes_no_picture_away(there: RunningApi, tmp_path: Path) -> None:
    def shell(command: str) -> subprocess.Popen[bytes]:
        whole = ["bash", "-o", "pipefail", "-c", command]
        return subprocess.Popen(whole, cwd=tmp_path, env=environment(there.url), stdout=subprocess.PIPE)

    program = f"{sys.executable} -m seedream"
    head = shell(f"printf '狐 と雪\\n' | {program} - --json 2>err | head -c 1")
    nobody = shell(f"{program} 'a bay' 2>&1 | true")
    assert head.communicate()[0] == b"{"
    assert (nobody.wait(), head.returncode) == (0, 0)
    assert NAMED.fullmatch((tmp_path / "err").read_text())
    assert "狐 と雪" in [call.json["prompt"] for call in there.recorder.submissions()]
    assert {path.name[11:] for path in tmp_path.glob("*.png")} == {"狐-と雪-01.png", "a-bay-01.png"}


def test_a_terminal_shows_where_the_job_is(tmp_path: Path, api: ControlledApi) -> None:
    shown = _Screen()
    variables = environment(api.url, TERM="xterm", LANG="ja_JP.UTF-8", LC_ALL="")
    command = [sys.executable, "-m", "seedream", "a bay"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=variables, stdout=subprocess.PIPE, stderr=shown.inner, text=True
    )
    shown.shows("リクエスト ID")
    shown.shows(texts.text("state.in_queue", "ja"))
    api.draw()
    usual = Estimates().expect(load().request({"prompt": "a bay"}))
    shown.shows(texts.text("state.usually", "ja", low=usual.low, high=usual.high))
    shown.shows("█░")
    api.finish()
    shown.shows(texts.text("command.saved", "ja"))
    shown.shows(texts.text("command.cost", "ja", cost="0.04"))
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out.count("\n")) == (0, 1)
    shown.close()


class _Screen:
    """A terminal, and all that was ever written to it."""

    def __init__(self) -> None:
        self._outer, self.inner = pty.openpty()
        self._text = b""
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while not self._closing.is_set():
            if select.select([self._outer], [], [], 0.05)[0]:
                self._text += os.read(self._outer, 4096)

    def shows(self, text: str) -> None:
        wait_until(lambda: text.encode() in self._text)

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        os.close(self._outer)
        os.close(self.inner)


# --- Ctrl-C, and taking up


class Started:
    """A command that has told its request ID, or is just about to."""

    def __init__(self, folder: Path, api: ControlledApi, *arguments: str) -> None:
        self._process = start(folder, environment(api.url), "-m", "seedream", *arguments)
        self._read = ""

    def request_id(self) -> str:
        return self.says(NAMED)[1]

    def says(self, expected: re.Pattern[str]) -> re.Match[str]:
        assert self._process.stderr
        while not (found := expected.search(self._read)):
            line = self._process.stderr.readline()
            assert line, self._read
            self._read += line
        return found

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def ended(self) -> Done:
        return ended(self._process, before=self._read)


def test_ctrl_c_takes_a_queued_job_back(tmp_path: Path, api: ControlledApi) -> None:
    command = Started(tmp_path, api, "a bay", "--json")
    request_id = command.request_id()
    command.interrupt()
    done = command.ended()
    assert (done.code, done.json["status"]) == (130, "cancelled")
    assert said("error.job_cancelled") in done.err
    assert "--resume" not in done.err
    assert api.client(TOKEN).status(request_id)["status"] == "cancelled"
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_names_the_job_that_goes_on_and_resume_takes_it_up(tmp_path: Path, api: ControlledApi) -> None:
    before = api.submitted()
    command = Started(tmp_path, api, "a bay")
    request_id = command.request_id()
    api.draw()
    command.interrupt()
    done = command.ended()
    assert (done.code, done.out) == (130, "")
    assert said("command.goes_on") in done.err
    assert f"python -m seedream --resume {request_id}\n" in done.err

    api.finish()
    resumed = run(tmp_path, environment(api.url), "--resume", request_id, "--json")
    assert (resumed.code, resumed.json["request_id"], resumed.json["status"]) == (0, request_id, "completed")
    (file,) = resumed.json["files"]
    assert (tmp_path / file["path"]).stat().st_size == file["bytes"]
    assert api.submitted() == before + 1


def test_ctrl_c_while_it_submits(tmp_path: Path, api: ControlledApi) -> None:
    sending = re.compile(re.escape(said("command.stopping_submission")))
    taken = api.interceptor.taken
    with api.interceptor.holding_answers():
        patient, hasty = Started(tmp_path, api, "a bay"), Started(tmp_path, api, "a bay")
        api.arrived(taken + 2)
        for command in (patient, hasty):
            command.interrupt()
            command.says(sending)
        hasty.interrupt()
        left = hasty.ended()
    # Left at once, without an answer: nobody knows, and that is said.
    assert left.code == 130
    assert said("error.submission_unknown") in left.err
    # Waited for: the answer came, and the job could be taken back.
    waited = patient.ended()
    assert (waited.code, said("error.job_cancelled") in waited.err) == (130, True)
    assert NAMED.search(waited.err)


def test_ctrl_c_while_it_fetches_leaves_nothing_behind(tmp_path: Path, there: RunningApi) -> None:
    there.failing.files.clear()
    try:
        process = start(tmp_path, environment(there.url), "-m", "seedream", "a bay", "--json")
        assert there.failing.holding.wait(30)
        assert len(list(tmp_path.iterdir())) == 1
        process.send_signal(signal.SIGINT)
        done = ended(process)
    finally:
        there.failing.files.set()
    assert (done.code, done.json["status"]) == (130, "completed")
    assert said("command.is_made") in done.err
    assert f"--resume {done.json['request_id']}" in done.err
    assert list(tmp_path.iterdir()) == []


# --- exit codes


@pytest.fixture(scope="module")
def mistakes(there: RunningApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Done]]]:
    """Run every way to go wrong, a few side by side."""
    folder = tmp_path_factory.mktemp("mistakes")
    (folder / "file").write_text("in the way")
    mine, unreachable = environment(there.url), environment(f"http://127.0.0.1:{free_port()}")
    fault = (
        "import sys, seedream.cli.main as command\n"
        "def broken(*_): raise RuntimeError('a fault')\n"
        "command.run_job = broken\n"
        "sys.exit(command.main(['a bay', '--json']))"
    )

    def answering(status: int) -> dict[str, str]:
        return {**mine, "RUNCOMFY_TOKEN": f"answer-{status}"}

    def command(*arguments: str, variables: dict[str, str] = mine) -> Future[Done]:
        return pool.submit(run, folder, variables, *arguments)

    with ThreadPoolExecutor(4) as pool:
        yield {
            "unknown flag": command("a bay", "--style", "x"),
            "no prompt": command(),
            "both": command("a bay", "--resume", "abc-1"),
            "idle flag": command("a bay", "--max-images", "3"),
            "empty prompt": command(" ", "--json"),
            "unfit value": command("a bay", "--resolution", "5K", variables={**mine, "LANGUAGE": "ja"}),
            "unfit ID": command("--resume", "../models"),
            "unknown job": command("--resume", "2c6a2c6e-95d1-4a9b-8f9e-0f8a5c3b1d2e"),
            "input refused": command("a bay", variables=answering(422)),
            "unreachable": command("a bay", variables=unreachable),
            "busy": command("a bay", variables=answering(429)),
            "failed": command("fail: a bay", "--json"),
            "fault": pool.submit(lambda: ended(start(folder, mine, "-c", fault))),
            "folder": command("a bay", "-o", "file/out"),
            "unknown": command("a bay", "--json", variables=answering(502)),
            "all junk": command("all junk", "--json"),
            "token": command("a bay", variables=answering(401)),
            "credit": command("a bay", variables=answering(402)),
            "permission": command("--resume", "abc-1", variables=answering(403)),
            "no token": command("--resume", "abc-1", variables=environment(None)),
            "setting": command("a bay", variables={**mine, "RUNCOMFY_BASE_URL": "nowhere"}),
        }


@pytest.mark.parametrize(
    ("mistake", "code", "key"),
    [
        ("unknown flag", 64, None),
        ("no prompt", 64, None),
        ("both", 64, "command.resume_alone"),
        ("idle flag", 64, None),
        ("empty prompt", 65, "error.prompt_empty"),
        ("unfit value", 65, None),
        ("unfit ID", 65, "error.request_id_unfit"),
        ("unknown job", 65, "error.not_found"),
        ("input refused", 65, "error.input_refused"),
        ("unreachable", 69, "error.service_unreachable"),
        ("busy", 69, "error.too_many_requests"),
        ("failed", 69, "error.job_failed"),
        ("fault", 70, "command.error.internal"),
        ("folder", 73, None),
        ("unknown", 75, "error.submission_unknown"),
        ("all junk", 75, "error.file_not_a_picture"),
        ("token", 77, "command.error.token_refused"),
        ("credit", 77, "command.error.no_credit"),
        ("permission", 77, "error.not_permitted"),
        ("no token", 77, "command.error.token_refused_read"),
        ("setting", 78, None),
    ],
)
def test_a_mistake_has_its_exit_code_and_its_sentence(
    mistakes: dict[str, Future[Done]], mistake: str, code: int, key: str | None
) -> None:
    done = mistakes[mistake].result()
    assert done.code == code, done.err
    assert key is None or said(key) in done.err
    assert ("Traceback" in done.err) == (mistake == "fault")
    assert "answer-" not in done.err


def test_a_mistake_says_what_would_fit(mistakes: dict[str, Future[Done]]) -> None:
    assert "--style" in mistakes["unknown flag"].result().err
    assert "--sequential-image-generation auto" in mistakes["idle flag"].result().err
    assert "「resolution」に「5K」は選べません" in mistakes["unfit value"].result().err
    assert "file/out" in mistakes["folder"].result().err
    assert "RUNCOMFY_BASE_URL" in mistakes["setting"].result().err


def test_json_tells_a_mistake_too(mistakes: dict[str, Future[Done]]) -> None:
    for mistake, status, code in (
        ("empty prompt", "failed", "prompt_empty"),
        ("failed", "failed", "job_failed"),
        ("unknown", "unknown", "submission_unknown"),
        ("all junk", "completed", "file_not_a_picture"),
    ):
        told = mistakes[mistake].result().json
        assert (told["status"], told["error"]["code"], told["files"]) == (status, code, [])
    assert "--resume" in mistakes["all junk"].result().err


def test_what_fails_before_it_is_sent_is_not_sent(mistakes: dict[str, Future[Done]], there: RunningApi) -> None:
    for done in mistakes.values():
        done.result()
    # Those that the API refused, and the two whose pictures it made: none of them twice.
    prompts = [call.json["prompt"] for call in there.recorder.submissions()]
    assert {prompts.count("fail: a bay"), prompts.count("all junk")} == {1}
    bearers = [call.headers["authorization"] for call in there.recorder.submissions()]
    assert sorted(each for each in bearers if "answer" in each) == [
        f"Bearer answer-{status}" for status in (401, 402, 422, 429, 502)
    ]


def test_help_names_every_flag_choice_and_exit_code(tmp_path: Path) -> None:
    done = run(tmp_path, environment(None, COLUMNS="100"), "--help")
    assert done.code == 0
    for field in (*load().fields, *load(EDIT).fields):
        assert field.name == "prompt" or f"--{field.name.replace('_', '-')}" in done.out
        if field.kind in ("choice", "fixed"):
            assert all(str(choice) in done.out for choice in field.choices)
    for code in (0, 64, 65, 66, 69, 70, 73, 75, 77, 78, 130):
        assert f"  {code:<5} {said(f'command.code.{code}')}" in done.out
