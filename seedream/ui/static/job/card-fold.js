// Finished cards fold to a line when newer jobs come: never one that somebody looks at, and nothing is loaded anew.

import { element } from "../lib/elements.js";
import { t } from "../lib/texts.js";

/** Make a card foldable: `{ button, fold(), open(), update(job) }`. `picture` is the line's small one. */
export function foldable(root, picture) {
  const button = element("button", { type: "button", class: "job-fold", "aria-expanded": "true", hidden: true });
  // Who has opened it by hand wants it open.
  let wanted = false;
  const set = (folded) => {
    root.classList.toggle("job-folded", folded);
    button.setAttribute("aria-expanded", String(!folded));
  };
  const open = () => {
    wanted = true;
    set(false);
  };
  button.addEventListener("click", () => {
    if (root.classList.contains("job-folded")) open();
    else set(true);
  });
  return {
    button,
    open,
    fold() {
      if (!wanted && !button.hidden && !root.matches(":hover, :focus-within")) set(true);
    },
    update({ record, request, pictures }) {
      button.hidden = record.status !== "completed" || Boolean(record.error) || !record.ended;
      if (button.hidden) set(false);
      button.setAttribute("aria-label", t("after.fold", { prompt: request?.prompt ?? t("job.no_prompt") }));
      const small = pictures.find((each) => each?.preview);
      picture.hidden = !small;
      if (small && picture.getAttribute("src") !== small.preview) picture.src = small.preview;
    },
  };
}

/** Fold cards once they are below the window: above it or in it, what somebody reads would move. */
export function foldBelow(cardOf) {
  const watcher = new IntersectionObserver((entries) => {
    for (const { isIntersecting, boundingClientRect, target } of entries) {
      if (isIntersecting || boundingClientRect.top <= 0) continue;
      watcher.unobserve(target);
      cardOf(target)?.fold();
    }
  });
  return watcher;
}
