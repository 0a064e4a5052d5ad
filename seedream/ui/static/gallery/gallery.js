// The wall: a card for each job, the newest first, and words of welcome while there is none.

import { makeCard } from "../job/card.js";
import { element } from "../lib/elements.js";
import { foldBelow } from "../job/card-fold.js";
import { t } from "../lib/texts.js";
import { makeView } from "./view.js";

const TICK_MILLISECONDS = 1000;
// A job this young was just asked for, so the visitor wants to see it; older ones were found again.
const FRESH_MILLISECONDS = 2000;

const cards = new Map();

/**
 * Draw the wall in `frame`. `cancel(job)` asks the server and answers with a sentence to show, or null;
 * `send(request)` sends one anew, `press(request)` the same once for each press; `vary(request)` fills the form.
 * `welcome` is shown while the wall is empty.
 */
export function hang(frame, does) {
  const empty = element("div", { class: "wall-empty" }, element("p", {}, t("page.empty")), does.welcome);
  const list = element("div", { class: "wall-jobs" });
  const view = makeView();
  const below = foldBelow((root) => cards.get(root.dataset.key));
  frame.append(element("h2", { class: "sr-only" }, t("page.gallery")), empty, list, view.root);
  setInterval(() => cards.forEach((card) => card.tick()), TICK_MILLISECONDS);
  return (job, change) => {
    if (change === "withdrawn" || change === "forgotten") {
      cards.get(job.key)?.root.remove();
      cards.delete(job.key);
    } else {
      let card = cards.get(job.key);
      if (!card) {
        // The newest that is done stays as it is.
        [...list.querySelectorAll('.job[data-status="completed"]')].slice(1).forEach((each) => below.observe(each));
        card = makeCard(job, { ...does, view });
        cards.set(job.key, card);
        list.prepend(card.root);
        card.update(job);
        if (change === "new" && Date.now() - job.at < FRESH_MILLISECONDS) bringIntoView(card.root);
      } else card.update(job);
    }
    empty.hidden = cards.size > 0;
  };
}

/** Bring a job's card before the visitor, unfolded. */
export function reveal(key) {
  const card = cards.get(key);
  card?.open();
  if (card) bringIntoView(card.root);
  card?.root.focus({ preventScroll: true });
}

/** Show all of a card, or of one that is taller than the window its head. */
function bringIntoView(root) {
  const { top, height } = root.getBoundingClientRect();
  if (height <= window.innerHeight) root.scrollIntoView({ block: "nearest" });
  else if (top < 0 || top > window.innerHeight / 2) root.scrollIntoView({ block: "start" });
}
