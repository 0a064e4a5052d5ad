"""A folder for a process's temporary files, which goes with its process; what a killed one left, the next removes.

A lock on a file in it says that its process lives: the system lets go of a lock when its process ends, however
that was.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import tempfile
import weakref
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_PREFIX = "seedream-"
_LOCK = "held-by-its-process"
_FILES = "files"
_TRIES = 3


class OwnFolder:
    """A folder of this process's own. It goes when it is dropped, when nobody has this any more, or at the end.

    Args:
        parent: where it is made, and where folders of processes that are gone are removed; default: the system's
            place for temporary files.

    Attributes:
        path: where its files go.
    """

    def __init__(self, parent: Path | None = None) -> None:
        parent = parent or Path(tempfile.gettempdir())
        parent.mkdir(parents=True, exist_ok=True)
        folder, lock = _made(parent)
        self.path = folder / _FILES
        self.path.mkdir()
        self._end = weakref.finalize(self, _drop, folder, lock, os.getpid())
        if lock:
            _sweep(parent, folder.lstat().st_uid)

    def drop(self) -> None:
        """Remove it with all that is in it."""
        self._end()


def _made(parent: Path) -> tuple[Path, BinaryIO | None]:
    """Make a folder and hold its lock; None where locks keep nobody out: then nothing is swept, nor is this."""
    for _ in range(_TRIES):
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        lock = (folder / _LOCK).open("wb")
        with contextlib.suppress(OSError):
            _lock(lock)
            # Somebody who sweeps may have been there between the two; and some disks on a network say yes to all.
            if _is_held(folder / _LOCK):
                return folder, lock
        lock.close()
        shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent)), None


def _is_held(lock: Path) -> bool:
    with lock.open("r+b") as file:
        try:
            _lock(file)
        except OSError:
            return True
    return False


def _drop(folder: Path, lock: BinaryIO | None, owner: int) -> None:
    # A forked process has a copy of all this, and nothing of it is its own.
    if os.getpid() != owner:
        return
    # The lock last: whoever is killed on the way leaves what can be swept.
    shutil.rmtree(folder / _FILES, ignore_errors=True)
    if lock:
        lock.close()
    shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path, user: int) -> None:
    """Remove this user's folders whose processes are gone. What has no lock of ours stays."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != user:
                continue
            with (folder / _LOCK).open("r+b") as lock:
                _lock(lock)
                shutil.rmtree(folder / _FILES, ignore_errors=True)
                shutil.rmtree(folder, ignore_errors=True)
            # Where an open file can't be removed, the lock itself is left.
            shutil.rmtree(folder, ignore_errors=True)
