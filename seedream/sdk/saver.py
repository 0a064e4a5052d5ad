"""Saving a job's originals in somebody's folder, under names that tell what they are. Nothing is overwritten."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import os
import re
import shutil
import tempfile
import time
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from seedream.errors import SeedreamError, not_saved
from seedream.jobs.record import Record
from seedream.pictures.cache import DOWNLOADS_AT_ONCE
from seedream.pictures.downloads import Downloads
from seedream.pictures.images import identify_video, verify_image
from seedream.runcomfy.responses import Output
from seedream.sdk.results import Missing, SavedPicture

_WORKPLACE = f".seedream-{os.getpid()}-"
_MOST_SWEEPS = 100
_WORDS = re.compile(r"[^\W_]+")
_MOST_WORDS, _MOST_LETTERS = 6, 48
# Seconds before each further try. Nobody sits there to press "Try again".
_PAUSES = (0.5, 2.0)
_WORTH_ANOTHER_TRY = ("file_unreachable", "file_slow")
# Not the event loop's own: at its end a loop waits for those, and a file may take minutes.
_threads = ThreadPoolExecutor(DOWNLOADS_AT_ONCE, thread_name_prefix="saver")


def check_folder(folder: Path) -> None:
    """Make the folder if need be, and see that files can be made there: before anything is paid for.

    Raises:
        SeedreamError: `folder_unfit`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        Path(tempfile.mkdtemp(prefix=_WORKPLACE, dir=folder)).rmdir()
    except (OSError, ValueError) as error:
        raise SeedreamError("folder_unfit", folder=str(folder), reason=not_saved(error).facts["reason"]) from error


def drop_unfinished(folder: Path) -> None:
    """Remove what this process has begun to fetch, before it leaves in the middle of it."""
    _threads.shutdown(wait=False, cancel_futures=True)
    # A thread that is still writing may add to what is being removed.
    for _ in range(_MOST_SWEEPS):
        workplaces = list(folder.glob(f"{_WORKPLACE}*"))
        for workplace in workplaces:
            shutil.rmtree(workplace, ignore_errors=True)
        if not workplaces:
            return


def file_stem(record: Record, *, sample: bool) -> str:
    """Return what a job's files are called: the day here, the prompt's first words, and `sample` if it is one.

    >>> record = Record("m", "completed", created_at="2026-02-03T12:00:00", request={"prompt": "A fox!"})
    >>> file_stem(record, sample=True)
    'sample-2026-02-03-a-fox'
    """
    prompt = unicodedata.normalize("NFKC", str((record.request or {}).get("prompt", "")))
    words = "-".join(_WORDS.findall(prompt)[:_MOST_WORDS]).lower()[:_MOST_LETTERS].strip("-")
    try:
        os.fsencode(words)
    except UnicodeEncodeError:
        words = ""
    return "-".join([*(["sample"] if sample else []), _day(record), words or "seedream"])


@dataclass(frozen=True)
class Saver:
    """Where one job's files go.

    Attributes:
        downloads: fetches them.
        folder: theirs.
        stem: the beginning of their names; a number and an ending follow.
    """

    downloads: Downloads
    folder: Path
    stem: str

    async def save(self, outputs: Sequence[Output]) -> tuple[SavedPicture | Missing, ...]:
        """Save these files, or tell for each why it could not be, in their order."""
        loop = asyncio.get_running_loop()
        before = self._highest_number()

        async def save(number: int, output: Output) -> SavedPicture | Missing:
            try:
                return await loop.run_in_executor(_threads, self._save, number, before + number, output)
            except SeedreamError as error:
                return Missing(number, output.url, error)
            except Exception as fault:
                # One file's fault, a full disk's or one that nobody foresaw, must not take the others with it.
                return Missing(number, output.url, not_saved(fault))

        ends = await asyncio.gather(*itertools.starmap(save, enumerate(outputs, 1)))
        for place, end in enumerate(ends):
            # On a full disk, what is begun side by side may leave no room for any of it.
            if isinstance(end, Missing) and end.error.code == "file_not_saved":
                ends[place] = await save(end.number, outputs[place])
        return tuple(ends)

    def _save(self, number: int, named: int, output: Output) -> SavedPicture:
        # In the folder itself, so that a file appears there whole or not at all.
        with tempfile.TemporaryDirectory(prefix=_WORKPLACE, dir=self.folder) as workplace:
            original = Path(workplace) / "original"
            size = self._download(output, original)
            picture = (verify_image if output.kind == "image" else identify_video)(original, size)
            digest = _sha256(picture.original)
            path = self._place(picture.original, named, picture.ending)
        return SavedPicture(
            number, path, output.url, picture.format, picture.width, picture.height, picture.size, digest
        )

    def _download(self, output: Output, to: Path) -> int:
        for pause in _PAUSES:
            try:
                return self.downloads.save(output, to)
            except SeedreamError as error:
                if error.code not in _WORTH_ANOTHER_TRY:
                    raise
            time.sleep(pause)  # in one of the threads that do nothing else
        return self.downloads.save(output, to)

    def _highest_number(self) -> int:
        named = re.compile(rf"{re.escape(self.stem)}-(\d{{2,6}})\.\w+")
        with contextlib.suppress(OSError):
            found = (named.fullmatch(each.name) for each in self.folder.iterdir())
            return max((int(each[1]) for each in found if each), default=0)
        return 0

    def _place(self, original: Path, first: int, ending: str) -> Path:
        """Give a file the first free name, and return it."""
        for number in itertools.count(first):
            path = self.folder / f"{self.stem}-{number:02}{ending}"
            try:
                _rename(original, path)
            except FileExistsError:
                continue
            return path
        raise AssertionError("numbers end nowhere")


def _rename(original: Path, path: Path) -> None:
    """Give a file a name, unless it is taken; at no moment does less than the whole file bear it."""
    try:
        os.link(original, path)
    except FileExistsError:
        raise
    except OSError:
        # No file has two names here, as on a memory card.
        path.touch(exist_ok=False)
        original.replace(path)


def _day(record: Record) -> str:
    try:
        made = datetime.fromisoformat((record.created_at or "").replace("Z", "+00:00")).astimezone()
    except (ValueError, OverflowError, OSError):
        # Foreign text: no date, or one that is none in this zone.
        made = datetime.now(timezone.utc).astimezone()
    return made.date().isoformat()


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(1024 * 1024):
            digest.update(chunk)
    return digest.hexdigest()
