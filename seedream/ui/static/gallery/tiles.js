// A job's pictures in order: as many tiles as will come, in the shape that will come, so that nothing jumps.

import { fileName } from "../export/exports.js";
import { answered, current, renewIfNeeded } from "../job/addresses.js";
import { notifyButton } from "../job/notify.js";
import { placeOf } from "../job/group.js";
import { isDrawn, isUnderWay, promptOf } from "../job/status-text.js";
import { lookAgain } from "../job/take-up.js";
import { button, saidPlace } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { isSample } from "../lib/payer.js";
import { persist } from "../lib/persistent-image.js";
import { mostPictures } from "../lib/series.js";
import { sizeAsked, USUAL_RATIO } from "../lib/shapes.js";
import { number, quoted, sentence, t } from "../lib/texts.js";
import { keepThumbnail, thumbnailRead } from "./thumbnails.js";

// Of pictures with a smaller ratio, three stand in a row: two would fill the screen.
const SLIM = 0.8;

/** Bring the tiles up to date with the job. `open(index)` shows a picture large, `change(index)` starts from it. */
export function updateTiles(tiles, job, { open, change }) {
  const { record, request, pictures } = job;
  const expected = mostPictures(request);
  const count = isDrawn(record) ? record.outputs.length : expected;
  const asked = sizeAsked(request)?.ratio ?? USUAL_RATIO;
  while (tiles.children.length > count) tiles.lastChild.remove();
  while (tiles.children.length < count) tiles.append(element("figure", { class: "tile" }));
  // By what was asked for, not by what comes: of "at most 15" come fewer, and the first would grow as it arrives.
  tiles.dataset.columns = count === 1 ? 1 : asked < SLIM && expected > 2 ? 3 : 2;
  [...tiles.children].forEach((tile, index) => {
    const picture = pictures[index];
    const state = picture?.error ? "missing" : picture ? "shown" : "waiting";
    tile.style.setProperty("--ratio", picture?.width ? picture.width / picture.height : asked);
    if (tile.dataset.state === state) return;
    tile.dataset.state = state;
    if (!picture && isDrawn(record)) layCopyUnder(tile, job.key, index);
    if (!picture) tile.replaceChildren(...[index === 0 && isUnderWay(record) && notifyButton()].filter(Boolean));
    else if (picture.error) tile.replaceChildren(missing(job, picture, index));
    else tile.replaceChildren(...shown(job, picture, index, { count, open, change }));
  });
}

/** Have a picture's small copy lie where the picture will come. */
async function layCopyUnder(tile, key, index) {
  const small = await thumbnailRead(key, index);
  if (small?.url) tile.style.setProperty("--small", `url("${small.url}")`);
}

function missing(job, picture, index) {
  const again = button(t("tile.again"), () => lookAgain(job, index));
  // What lies on no host of RunComfy's is not led to.
  const trusted = picture.error.code !== "file_untrusted";
  const link = { class: "quiet-button", href: picture.url, target: "_blank", rel: "noreferrer" };
  const elsewhere = trusted && element("a", link, t("tile.elsewhere"));
  return element("div", { class: "tile-error" }, element("p", {}, sentence(picture.error)), again, elsewhere);
}

function shown(job, picture, index, { count, open, change }) {
  const alt = altText(job, index, count);
  const place = placeOf(job, index, count);
  const said = saidPlace();
  const renewed = () => renewIfNeeded(job, index);
  const line = [place.count > 1 && number(place.number), isSample(job) && t("offline.sample"), aboutText(picture)];
  const keepSmall = ({ target }) => keepThumbnail(job.key, index, target, picture.url);
  const image = () => element("img", { src: picture.preview, alt, decoding: "async", error: renewed, load: keepSmall });
  return [
    ...(picture.kind === "video"
      ? [element("video", { src: picture.original, controls: true, preload: "metadata", "aria-label": alt, error: renewed })]
      : opener(image(), () => open(index))),
    element(
      "figcaption",
      {},
      line.filter(Boolean).join(" · "),
      element(
        "span",
        { class: "copy" },
        change && picture.kind !== "video" && button(t("after.change"), () => change(index), { "aria-label": changeLabel(place) }),
        originalLink(job, picture, index, said),
        said,
      ),
    ),
  ];
}

/** A picture to press, and the place in which it is told that it could not be loaded, for as long as that is so. */
function opener(image, click) {
  const attributes = { type: "button", class: "tile-open", click };
  const picture = element("button", attributes, element("span", { class: "sr-only" }, t("view.open")), image);
  const late = element("div", { role: "status" });
  const again = button("", () => {
    say(again, t("view.loading"));
    ask();
  });
  const ask = persist(image, (here) => {
    const had = document.activeElement;
    say(again, t("tile.again"));
    if (here) late.replaceChildren();
    else if (!again.isConnected) late.append(element("div", { class: "tile-error" }, element("p", {}, t("tile.late")), again));
    picture.hidden = !here;
    if (had === again && here) picture.focus({ preventScroll: true });
    else if (had === picture && !here) again.focus({ preventScroll: true });
  });
  return [picture, late];
}

function changeLabel({ number: place, count }) {
  return count > 1 ? `${t("after.change")} ${t("reference.number", { number: place })}` : t("after.change");
}

/** What a picture is called, for who can't see it. */
export function altText(job, index, count) {
  return t("job.picture_alt", { ...placeOf(job, index, count), prompt: quoted(promptOf(job)) });
}

export function aboutText({ width, height, format }) {
  return width ? t("picture.about", { width, height, format }) : format;
}

/** The link that saves a picture as it is. `said`: where a sentence goes if it can't. */
export function originalLink(job, picture, index, said) {
  // A browser may show what is no file in the page's place, or save it under the picture's name: it is asked for first.
  const click = async (event) => {
    if (!event.isTrusted) return;
    event.preventDefault();
    const answer = await answered(job, ({ pictures }) => pictures[index]?.original, { method: "HEAD" });
    say(said, answer?.ok ? "" : t("export.not_fetched"));
    if (!answer?.ok) return;
    link.href = current(job).pictures[index].original;
    link.click();
  };
  const attributes = { class: "quiet-button", href: picture.original, download: fileName(job, picture, index), click };
  const { number: place } = placeOf(job, index, job.record.outputs.length);
  const link = element("a", { ...attributes, "aria-label": t("job.original_of", { number: place }) }, t("job.original"));
  return link;
}
