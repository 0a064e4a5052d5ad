"""`python -m seedream.showcase`: real pictures of the starting points, paid once, and shown from then on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from seedream import texts
from seedream.offline import Options, create_app, serve
from seedream.schema import load
from seedream.settings import Settings
from seedream.showcase import main
from seedream.ui import showcase
from seedream.ui.examples import examples
from seedream.ui.shell import Shell
from tests.controlled_api import TOKEN, tiny_picture
from tests.servers import Recorder

NAMES = [each.name for each in examples(load())]
DRAWN, MADE = texts.text("start.drawn"), texts.text("start.made")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showcase, "KNOWN", tmp_path / "showcase.json")
    monkeypatch.setattr(showcase, "PICTURES", tmp_path / "static" / "showcase")
    (tmp_path / "static").mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """A server of the protocol that is paid."""
    recorder = Recorder(create_app(Options(queue_seconds=0, drawing_seconds=0, price_usd=0.04), tiny_picture))
    with serve(recorder) as running:
        monkeypatch.setenv("RUNCOMFY_TOKEN", TOKEN)
        monkeypatch.setenv("RUNCOMFY_BASE_URL", running.url)
        yield recorder


def says(monkeypatch: pytest.MonkeyPatch, word: str) -> list[str]:
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return word

    monkeypatch.setattr("builtins.input", answer)
    return asked


def page() -> str:
    return Shell(load(), Settings()).html("en")


@pytest.mark.thorough
def test_after_a_yes_each_is_sent_once_and_shown(
    service: Recorder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    says(monkeypatch, "yes")
    assert page().count("<svg role=") == len(NAMES)
    assert main([]) == 0
    assert f"12 jobs of {load().model_id}, 18 pictures, for up to $0.72, " in capsys.readouterr().out
    assert [each.json["prompt"] for each in service.submissions()] == [
        texts.text(f"example.{name}.prompt") for name in NAMES
    ]
    known = showcase.entries(showcase.KNOWN)
    assert len({known[name]["request_id"] for name in NAMES}) == len(NAMES)
    for name in NAMES:
        with Image.open(showcase.PICTURES / f"{name}.webp") as light:
            assert light.format == "WEBP"
            assert light.size == (known[name]["width"], known[name]["height"])
        assert list(Path("showcase", name).iterdir())
    # A series stands there as four, in the shape of one.
    assert (known["storyboard"]["width"], known["food"]["width"]) == (128, 64)
    shown = page()
    assert shown.count("/showcase/") == len(NAMES)
    assert (MADE in shown, DRAWN in shown, "<svg" in shown) == (True, False, False)
    assert TOKEN not in showcase.KNOWN.read_text()
    # Nothing is left to be paid for.
    assert main([]) == 0
    assert len(service.submissions()) == len(NAMES)


def test_without_a_yes_nothing_is_sent(service: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = says(monkeypatch, "")
    assert main([]) == 1
    assert asked
    assert service.submissions() == []
    assert not showcase.KNOWN.exists()


def test_another_model_makes_none_of_them(service: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEDREAM_MODEL", "bytedance/seedream-5.0-pro/text-to-image")
    asked = says(monkeypatch, "yes")
    with pytest.raises(SystemExit, match="SEEDREAM_MODEL"):
        main([])
    assert (asked, service.calls) == ([], [])


def test_samples_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = says(monkeypatch, "yes")
    with pytest.raises(SystemExit, match="RUNCOMFY_TOKEN"):
        main([])
    recorder = Recorder(create_app(Options(queue_seconds=0, drawing_seconds=0)))
    with serve(recorder) as running:
        monkeypatch.setenv("RUNCOMFY_TOKEN", TOKEN)
        monkeypatch.setenv("RUNCOMFY_BASE_URL", running.url)
        with pytest.raises(SystemExit, match="samples"):
            main([])
    assert recorder.submissions() == []
    assert asked == []
    assert MADE not in page()


@pytest.mark.thorough
def test_what_was_sent_is_taken_up_and_never_sent_again(
    service: Recorder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    says(monkeypatch, "yes")
    assert main([]) == 0
    made = showcase.entries(showcase.KNOWN)
    # As after a run that was killed: one was just being sent, one was submitted, and its light copy is not there.
    (showcase.PICTURES / "food.webp").unlink()
    (showcase.PICTURES / "poster.webp").unlink()
    text = showcase.KNOWN.read_text().replace(made["poster"]["request_id"], "")
    showcase.KNOWN.write_text(text)
    assert DRAWN in page()
    capsys.readouterr()
    assert main([]) == 1
    assert "poster: it was sent before" in capsys.readouterr().out
    assert (showcase.PICTURES / "food.webp").is_file()
    assert showcase.entries(showcase.KNOWN)["food"]["request_id"] == made["food"]["request_id"]
    assert len(service.submissions()) == len(NAMES)


def test_what_was_refused_can_be_sent_again(service: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, "yes")
    monkeypatch.setattr(Path, "mkdir", _full)
    assert main([]) == 1
    assert service.submissions() == []
    assert showcase.entries(showcase.KNOWN) == {}


def _full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")
