// Two pictures to be compared, side by side, where what is zoomed or moved in one is in the other, too; or one over the other.

import { placeOf } from "../job/group.js";
import { promptOf } from "../job/status-text.js";
import * as jobs from "../job/store.js";
import { element, say } from "../lib/elements.js";
import { sentence, t } from "../lib/texts.js";
import { makeOver } from "./compare.js";
import { thumbnail } from "./thumbnails.js";
import { aboutText, altText } from "./tiles.js";
import { round, showSmall } from "./view.js";
import { makeZoom } from "./zoom-and-swipe.js";

// By these a hand is at one of them; the other follows.
const HANDS = ["pointerdown", "wheel", "keydown", "focusin"];

/**
 * Show the pictures at two places, `{ job, index }`. `bring(job)` puts a job on the page and returns it, and `ended()`
 * hears when they are no longer looked at.
 */
export function openPair(places, { bring, ended }) {
  const sides = places.map(({ job, index }, number) =>
    makeSide({ job: bring(job), index }, (...how) => {
      led = sides[number];
      sides[1 - number].zoom.zoom(...how);
    }),
  );
  // The one that the hand is at.
  let led = sides[0];
  for (const [number, side] of sides.entries()) {
    for (const name of HANDS) side.frame.addEventListener(name, () => (led = side), { passive: true });
    side.frame.addEventListener("scroll", () => led === side && follow(side.frame, sides[1 - number].frame));
  }
  const over = makeOver(sides[1].frame, {
    words: t("compare.over"),
    name: t("compare.over_slider"),
    turned: (on) => root.classList.toggle("pair-over", on),
  });
  const close = round("close", "view.close", () => root.close());
  const root = element(
    "dialog",
    { class: "view dark pair", "aria-label": t("compare.side_by_side") },
    element("div", { class: "view-top" }, close),
    ...sides.map(({ root: side }) => side),
    element("div", { class: "view-foot" }, over.button, over.slider, sides[0].zoom.button),
  );
  const draw = (those) => {
    if (!those.length) return;
    those.forEach((side) => side.draw());
    const [first, second] = sides.map((side) => side.shown());
    over.lay(first && second && first.preview);
  };
  const update = (job) => draw(sides.filter((side) => side.awaits(job)));
  const before = document.activeElement;
  root.addEventListener("close", () => {
    jobs.unlisten(update);
    root.remove();
    before.focus();
    ended();
  });
  document.querySelector(".view").after(root);
  jobs.listen(update);
  root.showModal();
  close.focus();
  draw(sides);
}

/** One of the two: its picture, or its small copy until it has come, and what it is. */
function makeSide({ job, index }, toggled) {
  const frame = element("div", { class: "view-frame" });
  const about = element("p", { class: "view-about" });
  const prompt = element("p", { class: "pair-prompt", dir: "auto" }, promptOf(job));
  const root = element("figure", { class: "pair-side" }, frame, element("figcaption", {}, prompt, about));
  const zoom = makeZoom(frame, toggled);
  let waiting = true;

  /** Pictures of one prompt are told apart by their number alone. */
  function whichAndWhat(picture) {
    const which = placeOf(job, index, job.record.outputs.length);
    return [...(which.count > 1 ? [t("view.place", which)] : []), aboutText(picture)].join(" · ");
  }

  function draw() {
    const picture = job.pictures[index];
    const error = picture?.error ?? job.record.error;
    const alt = altText(job, index, job.record.outputs.length);
    waiting = !picture || Boolean(error);
    say(about, error ? sentence(error, job.record.request_id, job.own) : picture ? whichAndWhat(picture) : t("state.collecting"));
    if (waiting) showSmall(frame, thumbnail(job.key, index), alt);
    else zoom.show(picture, alt);
  }

  const shown = () => (waiting || job.pictures[index].kind === "video" ? null : job.pictures[index]);
  return { root, frame, zoom, draw, shown, awaits: ({ key }) => key === job.key && waiting };
}

/** Have the same of the picture in the middle, whatever the two have of pixels. */
function follow(from, to) {
  const middle = (at, seen, whole) => (at + seen / 2) / whole;
  to.scrollTo(
    middle(from.scrollLeft, from.clientWidth, from.scrollWidth) * to.scrollWidth - to.clientWidth / 2,
    middle(from.scrollTop, from.clientHeight, from.scrollHeight) * to.scrollHeight - to.clientHeight / 2,
  );
}
