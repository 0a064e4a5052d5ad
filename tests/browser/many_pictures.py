"""A browser that has made many pictures before: what the page's own modules would have kept of them."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Page

from seedream.ui.assets import module_path

SHAPES = ("2304x1728 (4:3)", "2048x2048 (1:1)", "2848x1600 (16:9)", "1728x2304 (3:4)")
# Like the job that is there, each an hour older, with its small copy: as many bytes as one of a real picture.
_MANY_MORE = """async ({ count, copies, shapes, page }) => {
  const name = Object.keys(localStorage).find((each) => each.startsWith("seedream.job."));
  const entry = JSON.parse(localStorage[name]);
  const canvas = document.createElement("canvas");
  const draw = (number, ratio) => {
    [canvas.width, canvas.height] = ratio > 1 ? [480, 480 / ratio] : [480 * ratio, 480];
    const context = canvas.getContext("2d");
    for (let spot = 0; spot < 900; spot += 1) {
      context.fillStyle = `hsl(${(number * 37 + spot * 11) % 360} 60% ${20 + ((spot * 7) % 60)}%)`;
      context.fillRect(((spot * 7919) % 499) - 8, ((spot * 104729) % 491) - 8, 32, 32);
    }
    return new Promise((resolve) => canvas.toBlob(resolve, "image/webp", 0.8));
  };
  const files = [];
  for (let number = 1; number <= count; number += 1) {
    const key = `k${number}`;
    const resolution = shapes[number % shapes.length];
    const request = { ...entry.request, resolution, prompt: `a heron ${number}` };
    const record = { ...entry.record, request_id: `r-${number}` };
    const more = { ...entry, key, request, record, at: entry.at - number * 3600000 };
    localStorage[`seedream.job.${key}`] = JSON.stringify(more);
    const [width, height] = resolution.split(" ")[0].split("x").map(Number);
    const ratio = width / height;
    if (copies) files.push({ id: `${key}/0`, blob: await draw(number, ratio), ratio, source: `r-${number}` });
  }
  if (!copies) return 0;
  const { $modules } = await import(new URL(page, document.baseURI));
  const database = { database: "seedream.thumbnails", store: "thumbnails", mostBytes: Infinity };
  await $modules["lib/blobs.js"].kept(database).keep(...files);
  return files.reduce((bytes, { blob }) => bytes + blob.size, 0) / count;
}"""


def make_many_more(page: Page, count: int, *, copies: bool = False, shapes: Sequence[str] = SHAPES) -> int:
    """Remember so many more jobs like the one that the page's browser knows, without asking anybody.

    Args:
        page: an open page.
        count: how many.
        copies: keep a small copy of each one's picture, too.
        shapes: what was asked for, one after the other.

    Returns:
        A copy's bytes, on average.
    """
    given = {"count": count, "copies": copies, "shapes": list(shapes), "page": module_path()}
    copy_bytes: float = page.evaluate(_MANY_MORE, given)
    return round(copy_bytes)
