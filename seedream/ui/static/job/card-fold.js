// Finished cards fold to a line when newer jobs come: never one that somebody looks at, and nothing is loaded anew.

import { element } from "../lib/elements.js";
import { t } from "../lib/texts.js";
import { isDrawn, promptOf } from "./status-text.js";

/** Make a card foldable: the `button`, `possible()`, `foldBelow()`, `open()` and `update(job)`. */
export function foldable(root, picture) {
  // Who has opened it by hand wants it open.
  let wanted = false;
  let watcher = null;
  const set = (folded) => {
    root.classList.toggle("job-folded", folded);
    button.setAttribute("aria-expanded", String(!folded));
  };
  const open = () => {
    wanted = true;
    set(false);
  };
  const press = () => (root.classList.contains("job-folded") ? open() : set(true));
  const button = element("button", { type: "button", class: "job-fold", "aria-expanded": "true", click: press });
  const possible = () => !button.hidden;
  const look = (entries) => {
    const { isIntersecting, boundingClientRect } = entries.at(-1);
    if (isIntersecting || boundingClientRect.top <= 0) return;
    watcher.unobserve(root);
    if (!wanted && possible() && !root.matches(":hover, :focus-within")) set(true);
  };
  return {
    button,
    possible,
    open,
    /** Fold it once it is below the window: above it or in it, what somebody reads would move. */
    foldBelow() {
      watcher ??= new IntersectionObserver(look);
      watcher.observe(root);
    },
    update(job) {
      button.hidden = !isDrawn(job.record) || !job.record.ended;
      if (button.hidden) set(false);
      button.setAttribute("aria-label", t("after.fold", { prompt: promptOf(job) }));
      const small = job.pictures.find((each) => each?.preview);
      picture.hidden = !small;
      if (small && picture.getAttribute("src") !== small.preview) picture.src = small.preview;
    },
  };
}
