// A job's pictures in order: as many tiles as will come, in the shape that will come, so that nothing jumps.

import { element } from "../lib/elements.js";
import { fileName } from "../export/exports.js";
import { lookAgain } from "../job/jobs.js";
import { tellMe } from "../job/notify.js";
import { number, sentence, t } from "../lib/texts.js";

// Of pictures with a smaller ratio, three stand in a row: two would fill the screen.
const SLIM = 0.8;

/** Bring the tiles up to date with the job. `open(index)` shows a picture large. */
export function arrange(tiles, job, { offline, open }) {
  const { status, outputs } = job.record;
  const count = status === "completed" ? outputs.length : expected(job.request);
  while (tiles.children.length > count) tiles.lastChild.remove();
  while (tiles.children.length < count) tiles.append(element("figure", { class: "tile" }));
  tiles.dataset.columns = columns(count, job.request);
  [...tiles.children].forEach((tile, index) => {
    const picture = job.pictures[index];
    const state = picture?.error ? "missing" : picture ? "shown" : "waiting";
    tile.style.setProperty("--ratio", ratio(picture, job.request));
    if (tile.dataset.state === state) return;
    tile.dataset.state = state;
    if (!picture) tile.replaceChildren(...waiting(job, index));
    else if (picture.error) tile.replaceChildren(missing(job, picture, index));
    else tile.replaceChildren(...shown(job, picture, index, { count, offline, open }));
  });
}

function expected(request) {
  return request?.sequential_image_generation === "auto" ? Number(request.max_images) || 1 : 1;
}

/** By what was asked for, not by what comes: of "at most 15" come fewer, and the first would grow as it arrives. */
function columns(count, request) {
  if (count === 1) return 1;
  return ratio(null, request) < SLIM && expected(request) > 2 ? 3 : 2;
}

function ratio(picture, request) {
  if (picture?.width) return picture.width / picture.height;
  const [, width, height] = /^(\d+)x(\d+)/.exec(request?.resolution ?? "") ?? [null, 4, 3];
  return width / height;
}

function waiting(job, index) {
  return [index === 0 && !job.record.ended ? tellMe() : null].filter(Boolean);
}

function missing(job, picture, index) {
  const again = element("button", { type: "button", class: "quiet-button" }, t("tile.again"));
  again.addEventListener("click", () => lookAgain(job, index));
  return element("div", { class: "tile-error" }, element("p", {}, sentence(picture.error)), again);
}

function shown(job, picture, index, { count, offline, open }) {
  const alt = altText(job, index, count);
  const about = aboutText(picture);
  const line = [count > 1 ? `${number(index + 1)} · ` : "", offline ? `${t("offline.sample")} · ` : "", about];
  return [
    picture.kind === "video"
      ? element("video", { src: picture.original, controls: true, preload: "metadata", "aria-label": alt })
      : element(
          "button",
          { type: "button", class: "tile-open", click: () => open(index) },
          element("span", { class: "sr-only" }, t("view.open")),
          element("img", { src: picture.preview, alt, decoding: "async" }),
        ),
    element("figcaption", {}, element("span", {}, line.join("")), originalLink(job, picture, index)),
  ];
}

/** What a picture is called, for who can't see it. */
export function altText(job, index, count) {
  return t("job.picture_alt", { number: index + 1, count, prompt: job.request?.prompt ?? "" });
}

/** A picture's pixels and format. */
export function aboutText({ width, height, format }) {
  return width ? t("picture.about", { width, height, format }) : format;
}

/** The link that saves the original. */
export function originalLink(job, picture, index) {
  const attributes = { class: "quiet-button", href: picture.original, download: fileName(job, picture, index) };
  return element("a", { ...attributes, "aria-label": t("job.original_of", { number: index + 1 }) }, t("job.original"));
}
