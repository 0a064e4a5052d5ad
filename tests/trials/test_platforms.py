"""Other systems, as far as a stand-in can play them: Windows' answers; consoles and paths in other encodings."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client

from seedream import texts
from seedream.pictures.images import give_buffers_back, trim
from tests.readme_snippets import snippet
from tests.sdk.scripting import environment
from tests.servers import ROOT, free_port, launched, start_app

# The libraries know their systems themselves; what is played is what this project meets.
WINDOWS = """
import asyncio, ctypes, fcntl, os, signal, sys, types
from tests.app_forks import _LIBRARIES
import importlib
for library in _LIBRARIES:
    importlib.import_module(library)

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name in GONE:
            raise ModuleNotFoundError(f"No module named {name!r}")

GONE = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"}
sys.meta_path.insert(0, Nowhere())
for name in GONE:
    sys.modules.pop(name, None)
for name in ("fork", "geteuid", "getuid", "getpgid", "killpg", "mkfifo", "register_at_fork", "sysconf", "chown"):
    delattr(os, name)
for name in ("SIGHUP", "SIGKILL", "SIGUSR1", "SIGALRM"):
    delattr(signal, name)
sys.modules["msvcrt"] = types.SimpleNamespace(
    LK_NBLCK=2, locking=lambda number, *_: fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
)
library = ctypes.CDLL

def opened(name, *more):
    if name is None:
        raise TypeError("LoadLibrary() argument 1 must be str, not None")
    return library(name, *more)

ctypes.CDLL = opened
asyncio.ProactorEventLoop = asyncio.SelectorEventLoop
sys.platform = "win32"
import runpy
import seedream.cli.main, seedream.sdk.interface, seedream.space.__main__, seedream.offline.__main__
runpy.run_path(sys.argv[1], run_name="__main__")
"""


@pytest.mark.parametrize("fault", [TypeError, OSError, AttributeError])
def test_a_c_library_that_knows_no_such_call_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    def library(_: Any) -> None:
        raise fault

    monkeypatch.setattr(ctypes, "CDLL", library)
    give_buffers_back()
    trim()


def test_the_app_makes_pictures_where_windows_answers(tmp_path: Path) -> None:
    variables = environment(None, GRADIO_SERVER_PORT=str(free_port()), TMPDIR=str(tmp_path))
    app = launched([sys.executable, "-c", WINDOWS, str(ROOT / "app.py")], variables, tmp_path)
    try:
        client = Client(app.url, verbose=False, download_files=tmp_path / "saved")
        gallery, _ = client.predict("a bay", resolution="2K", api_name="/generate")
        assert Path(gallery[0]["image"]).is_file()
        assert "Traceback" not in app.output
    finally:
        app.kill()


def test_the_app_starts_where_the_output_takes_few_letters_and_the_folder_has_a_strange_name(
    tmp_path: Path,
) -> None:
    folder = tmp_path / os.fsdecode(b"bilder-\xe4\xff")
    folder.mkdir()
    app = start_app({"PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(ROOT)}, cwd=folder)
    # Gradio's last words; with these it ended, where a letter of theirs was none of the output's.
    while "Streamable HTTP URL" not in app.output and app.process.poll() is None:
        time.sleep(0.02)
    app.kill()
    assert "Launching MCP server" in app.output, app.output


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp932"])
def test_the_command_says_in_japanese_what_the_console_can_show(tmp_path: Path, encoding: str) -> None:
    variables = environment(None, LANGUAGE="ja", PYTHONIOENCODING=encoding)
    for arguments, code in ((["--help"], 0), ([" "], 65)):
        command = [sys.executable, "-m", "seedream", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, check=False)
        assert done.returncode == code, done.stderr
        said = (done.stderr if code else done.stdout).decode(encoding)
        whole = texts.text("error.prompt_empty" if code else "command.help.about", "ja")
        whole = whole.format(model=texts.text("model.name", "ja"))
        assert whole.encode(encoding, "backslashreplace").decode(encoding) in "".join(said.splitlines())


def test_the_first_command_for_windows_is_the_first_command() -> None:
    windows = snippet("py -m venv .venv; *")
    for there, here in (("py -m", "python3 -m"), (".venv\\Scripts\\", ".venv/bin/"), ("; ", " && ")):
        windows = windows.replace(there, here)
    assert windows == snippet("python3 -m venv .venv && *")
