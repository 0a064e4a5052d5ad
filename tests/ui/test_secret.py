from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from seedream.ui.secret import app_secret


def test_the_owners_secret_is_taken_as_it_is(tmp_path: Path) -> None:
    assert app_secret("of the owner", tmp_path) == b"of the owner"
    assert list(tmp_path.iterdir()) == []


def test_without_one_the_same_is_found_after_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    made = app_secret("", folder)
    assert len(made) >= 32
    assert app_secret("", folder) == made
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_apps_that_start_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as threads:
        found = set(threads.map(lambda _: app_secret("", tmp_path), range(16)))
    assert len(found) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["secret"]


@pytest.mark.parametrize("content", [b"", b"short"])
def test_where_none_can_be_kept_one_is_made_for_this_process(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "secret").write_bytes(content)
    one, other = app_secret("", tmp_path), app_secret("", tmp_path)
    assert one != other
    assert len(one) >= 32
    (tmp_path / "file").write_text("in the way")
    assert len(app_secret("", tmp_path / "file")) >= 32
    assert "end with this process" in caplog.text
