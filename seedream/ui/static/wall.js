// The wall: a card for each job, the newest first, and words of welcome while there is none.

import { makeCard } from "./card.js";
import { element } from "./elements.js";
import { t } from "./texts.js";

const TICK_MILLISECONDS = 1000;
// A job this young was just asked for, so the visitor wants to see it; older ones were found again.
const FRESH_MILLISECONDS = 2000;

const cards = new Map();

/**
 * Draw the wall in `frame`. `cancel(job)` asks the server and answers with a sentence to show, or null;
 * `send(request)` sends one anew.
 */
export function hang(frame, { offline, cancel, send }) {
  const empty = element("p", { class: "wall-empty" }, t("page.empty"));
  const list = element("div", { class: "wall-jobs" });
  frame.append(element("h2", { class: "sr-only" }, t("page.wall")), empty, list);
  setInterval(() => cards.forEach((card) => card.tick()), TICK_MILLISECONDS);
  return (job, change) => {
    if (change === "withdrawn" || change === "forgotten") {
      cards.get(job.key)?.root.remove();
      cards.delete(job.key);
    } else {
      let card = cards.get(job.key);
      if (!card) {
        card = makeCard(job, { offline, cancel, send });
        cards.set(job.key, card);
        list.prepend(card.root);
        if (change === "new" && Date.now() - job.at < FRESH_MILLISECONDS) {
          card.root.scrollIntoView({ block: "nearest" });
        }
      }
      card.update(job);
    }
    empty.hidden = cards.size > 0;
  };
}
