"""A process's own folder: it goes with its process, and what a killed one left goes with the next."""

from __future__ import annotations

import errno
import fcntl
import gc
import os
import runpy
import shutil
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from seedream.pictures import own_folder
from seedream.pictures.own_folder import OwnFolder
from tests.servers import ROOT

HOLDS = """
import sys, time
from pathlib import Path
from seedream.pictures.own_folder import OwnFolder
own = OwnFolder(Path(sys.argv[1]))
(own.path / "a picture").write_bytes(bytes(1000))
print(own.path.parent, flush=True)
time.sleep(60)
"""


@contextmanager
def holding(parent: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Have a process with a folder of its own there."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(parent)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        yield process, Path(process.stdout.readline().strip())
    finally:
        process.kill()
        process.wait()


def test_the_next_start_removes_what_killed_processes_left_and_nothing_else(tmp_path: Path) -> None:
    foreign = tmp_path / "seedream-pictures-of-mine"
    foreign.mkdir()
    (foreign / "holiday.png").write_bytes(b"mine")
    (tmp_path / "seedream-notes").write_text("mine")
    elsewhere = tmp_path / "elsewhere"
    with (
        holding(tmp_path) as (_, alive),
        holding(tmp_path) as (killed, left),
        holding(tmp_path) as (other, theirs),
    ):
        shutil.copytree(left, elsewhere)
        (tmp_path / "seedream-link").symlink_to(elsewhere)
        for process in (killed, other):
            process.kill()
            process.wait()
        if os.geteuid() == 0:
            os.chown(theirs, 12345, 12345)
        assert (left / "files" / "a picture").exists()
        one = OwnFolder(tmp_path)
        another = OwnFolder(tmp_path)
        assert not left.exists()
        assert theirs.exists() == (os.geteuid() == 0)
        for each in (alive, one.path, another.path, foreign / "holiday.png", tmp_path / "seedream-notes"):
            assert each.exists(), each
        assert (elsewhere / "files" / "a picture").exists()


def test_it_goes_when_it_is_dropped_and_when_nobody_has_it(tmp_path: Path) -> None:
    own = OwnFolder(tmp_path / "made if need be")
    (own.path / "a picture").write_bytes(b"here")
    own.drop()
    own.drop()
    own = OwnFolder(tmp_path / "made if need be")
    del own
    gc.collect()
    assert list((tmp_path / "made if need be").iterdir()) == []


def test_a_folder_that_is_swept_before_its_lock_is_held_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = own_folder._lock
    swept: list[Path] = []

    def late(file: Any) -> None:
        if not swept:
            swept.append(Path(file.name).parent)
            shutil.rmtree(swept[0])
        lock(file)

    monkeypatch.setattr(own_folder, "_lock", late)
    own = OwnFolder(tmp_path)
    assert own.path.is_dir()
    assert own.path.parent != swept[0]


def no_locks(_: Any) -> None:
    raise OSError(errno.ENOLCK, "No locks available")


def locks_for_everybody(_: Any) -> None:
    """Do as some network's disks do."""


@pytest.mark.parametrize("lock", [no_locks, locks_for_everybody])
def test_where_there_are_no_locks_nothing_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lock: Callable[[Any], None]
) -> None:
    monkeypatch.setattr(own_folder, "_lock", lock)
    one, other = OwnFolder(tmp_path), OwnFolder(tmp_path)
    assert one.path.is_dir() and other.path.is_dir()
    one.drop()
    other.drop()
    assert list(tmp_path.iterdir()) == []


def test_it_works_as_windows_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There, another call locks, and no file that is open can be removed."""

    def locking(descriptor: int, mode: int, count: int) -> None:
        assert (mode, count) == (2, 1)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PermissionError(errno.EACCES, "Permission denied") from None

    remove = shutil.rmtree

    def rmtree(folder: Path, ignore_errors: bool) -> None:
        opened = [each.readlink() for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
        if not any(each.is_relative_to(folder) for each in opened):
            remove(folder, ignore_errors=ignore_errors)

    with holding(tmp_path) as (killed, left), holding(tmp_path) as (_, alive):
        killed.kill()
        killed.wait()
        with monkeypatch.context() as windows:
            windows.setitem(sys.modules, "msvcrt", types.SimpleNamespace(locking=locking, LK_NBLCK=2))
            windows.setitem(sys.modules, "fcntl", None)
            windows.setattr(shutil, "rmtree", rmtree)
            windows.setattr(sys, "platform", "win32")
            made = runpy.run_path(own_folder.__file__)["OwnFolder"]
            one, other = made(tmp_path), made(tmp_path)
            assert (left.exists(), alive.exists(), one.path.exists(), other.path.exists()) == (False, *[True] * 3)
            one.drop()
            assert not one.path.parent.exists()
            other.drop()
