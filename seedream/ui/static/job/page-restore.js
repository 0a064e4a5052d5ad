// What a page leaves to the next one in the same tab, after a reload or in another language: the form as it was,
// and the jobs in the gallery. To a new tab, it leaves what was written and never sent.

import { payer, setPayer } from "../lib/payer.js";
import { outlasting, storage, store } from "../lib/store.js";
import { LEFT as KEY } from "../shell/kept.js";
import { promptOf } from "./status-text.js";
import * as jobs from "./store.js";

const DRAFT = "seedream.draft";

let keepFocus = false;
// As this page has found it, or left it: what another tab leaves is not this one's to take away.
let draft = null;

/** Keep what the form leaves, as `read()` tells it, and which jobs are shown, whenever the page may be about to end. */
export function keepOnExit(read) {
  const keep = () => {
    const left = read();
    try {
      storage("sessionStorage")?.setItem(KEY, JSON.stringify(state(left)));
      keepDraft(left.values);
    } catch {
      // A full store: the next page begins anew, and the jobs are among all pictures.
    }
  };
  window.addEventListener("pagehide", keep);
  // A phone may end a page that is out of sight without telling it.
  document.addEventListener("visibilitychange", () => document.hidden && keep());
}

/** Load the page anew, with what the form leaves; `focus` is what the next page is told of the focus. */
export function reload(left, focus) {
  keepFocus = focus;
  // The tab's history holds something also where the page may store nothing, and no other page reads it. Else the jobs
  // would be forgotten, and who pays.
  if (!storage("sessionStorage")) {
    const kept = outlasting() === "nothing" ? { ...store } : {};
    const whole = JSON.stringify({ ...state(left), kept, seal: payer().seal });
    history.replaceState({ ...history.state, [KEY]: whole }, "");
  }
  location.reload();
}

/**
 * What was kept: `{values, alternatives, shown, focus}`, of a draft alone the `values`; null if no page was here before, or left
 * nothing that can be read.
 */
export function restored() {
  const session = storage("sessionStorage");
  const text = session ? session.getItem(KEY) : history.state?.[KEY];
  if (!session && text) history.replaceState({ ...history.state, [KEY]: undefined }, "");
  draft = store.getItem(DRAFT);
  if (!text) return draft && { values: { prompt: draft } };
  try {
    const { kept = {}, seal, values, alternatives, shown, focus } = JSON.parse(text);
    for (const [name, value] of Object.entries(kept)) store.setItem(name, value);
    if (seal) setPayer(seal);
    if (typeof values !== "object" || !Array.isArray(shown)) return null;
    return { values: { ...values }, alternatives, shown, focus };
  } catch {
    return null;
  }
}

function keepDraft({ prompt = "" }) {
  const unsent = prompt.trim() && jobs.all().every((job) => promptOf(job) !== prompt);
  if (unsent) store.setItem(DRAFT, prompt);
  else if (store.getItem(DRAFT) === draft) store.removeItem(DRAFT);
  draft = unsent ? prompt : null;
}

function state(left) {
  const shown = [...document.querySelectorAll(".job")].map((card) => card.dataset.key).reverse();
  return { ...left, shown, focus: keepFocus };
}
