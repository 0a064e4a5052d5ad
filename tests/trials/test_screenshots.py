"""README's command for screenshots takes them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.checkout import Checkout, copied
from tests.readme_snippets import snippet


def test_screenshots_are_taken(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    # In all its states the page takes minutes; for README, two pictures of it.
    sizes = {"page.jpg": (1600, 1000), "phones.jpg": (1600, 1109)}
    pictures = folder / "tests" / "readme_images"
    for name in sizes:
        (pictures / name).unlink()
    (folder / ".env").write_text("RUNCOMFY_TOKEN=which no test spends\n", encoding="utf-8")
    Checkout(folder).succeeds(f"{snippet('python -m tests.screenshots')} --readme")
    for name, size in sizes.items():
        with Image.open(pictures / name) as image:
            assert (image.format, image.size) == ("JPEG", size)
