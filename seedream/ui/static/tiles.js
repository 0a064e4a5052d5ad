// A job's pictures in order: as many tiles as will come, in the shape that will come, so that nothing jumps.

import { element } from "./elements.js";
import { fileName } from "./keepsakes.js";
import { lookAgain } from "./jobs.js";
import { number, sentence, t } from "./texts.js";

/** Bring the tiles up to date with the job. */
export function arrange(tiles, job, offline) {
  const { status, outputs } = job.record;
  const count = status === "completed" ? outputs.length : expected(job.request);
  while (tiles.children.length > count) tiles.lastChild.remove();
  while (tiles.children.length < count) tiles.append(element("figure", { class: "tile" }));
  tiles.dataset.columns = count === 1 ? 1 : count === 2 || count === 4 ? 2 : 3;
  [...tiles.children].forEach((tile, index) => {
    const picture = job.pictures[index];
    const state = picture?.error ? "missing" : picture ? "shown" : "waiting";
    tile.style.setProperty("--ratio", ratio(picture, job.request));
    if (tile.dataset.state === state) return;
    tile.dataset.state = state;
    if (!picture) tile.replaceChildren();
    else if (picture.error) tile.replaceChildren(missing(job, picture, index));
    else tile.replaceChildren(...shown(job, picture, index, count, offline));
  });
}

function expected(request) {
  return request?.sequential_image_generation === "auto" ? Number(request.max_images) || 1 : 1;
}

function ratio(picture, request) {
  if (picture?.width) return picture.width / picture.height;
  const [, width, height] = /^(\d+)x(\d+)/.exec(request?.resolution ?? "") ?? [null, 4, 3];
  return width / height;
}

function missing(job, picture, index) {
  const again = element("button", { type: "button", class: "quiet-button" }, t("tile.again"));
  again.addEventListener("click", () => lookAgain(job, index));
  return element("div", { class: "tile-error" }, element("p", {}, sentence(picture.error)), again);
}

function shown(job, picture, index, count, offline) {
  const alt = t("job.picture_alt", { number: index + 1, count, prompt: job.request?.prompt ?? "" });
  const media =
    picture.kind === "video"
      ? element("video", { src: picture.original, controls: true, preload: "metadata", "aria-label": alt })
      : element("img", { src: picture.preview, alt, decoding: "async" });
  const about = picture.width
    ? t("picture.about", { width: picture.width, height: picture.height, format: picture.format })
    : picture.format;
  const line = [count > 1 ? `${number(index + 1)} · ` : "", offline ? `${t("offline.sample")} · ` : "", about];
  return [
    media,
    element(
      "figcaption",
      {},
      element("span", {}, line.join("")),
      element(
        "a",
        {
          class: "quiet-button",
          href: picture.original,
          download: fileName(job, picture, index),
          "aria-label": t("job.original_of", { number: index + 1 }),
        },
        t("job.original"),
      ),
    ),
  ];
}
