// A link to a result, as whoever gets it sees it: a page to look at, with the pictures and, if the sender put it into the
// link, their prompt. No form stands in the way, no price and no terms of a job's, until they want to make something.

import { keepShared, wasShared, knownPrompt } from "../job/shared.js";
import * as jobs from "../job/store.js";
import { button } from "../lib/buttons.js";
import { element } from "../lib/elements.js";
import { t } from "../lib/texts.js";

// The style sheets hide by it what is not looked at; boot.js sets it where an address names a result.
const LOOKING = "looking";
const page = document.documentElement;

/** Whether this page shows somebody's result, and nothing else. */
export function isLooking() {
  return page.classList.contains(LOOKING);
}

/**
 * Offer what this page's address leads to, in `root`, if it leads to a result of somebody else's. `prompt` is what the
 * link told; `make()` hears that the visitor goes on by themselves. Return whether it stands there `alone`, and
 * `end()`, which shows the whole page.
 */
export function offerSharedResult(root, { prompt, make }) {
  const requestId = new URL(location.href).searchParams.get("request_id")?.trim();
  const mine = jobs.remembered().some(({ record, request }) => record.request_id === requestId && request);
  page.classList.toggle(LOOKING, Boolean(requestId) && (wasShared(requestId) || !mine));
  if (!isLooking()) return { alone: false, end() {} };
  // The address loses the prompt, so that a reload fills in nothing over what was typed since.
  keepShared(requestId, prompt);
  const words = knownPrompt({ record: { request_id: requestId } });
  const end = () => {
    if (!bar.isConnected) return;
    page.classList.remove(LOOKING);
    bar.remove();
    const url = new URL(location.href);
    url.searchParams.delete("request_id");
    history.replaceState(history.state, "", url);
  };
  const own = button(t("shared.make"), () => {
    end();
    make();
  });
  const bar = element(
    "div",
    { class: "shared" },
    element("h2", { class: "sr-only" }, t("shared.title")),
    words && element("p", { class: "shared-prompt" }, words),
    element("div", { class: "shared-line" }, element("p", {}, t("shared.said")), own),
  );
  root.prepend(bar);
  return { alone: true, end };
}
