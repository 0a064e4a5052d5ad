// Who pays: the page's owner, or the visitor, whose token the server gave back sealed. The seal, never the token, is
// kept as long as the tab is open, and goes along with all that it is to pay for.

import { settings } from "./settings.js";
import { storage } from "./store.js";

const SEAL = "seedream.seal";
const kept = storage("sessionStorage");
const listeners = new Set();

let seal = kept?.getItem(SEAL) ?? null;

/** Hear of each change. */
export function listen(listener) {
  listeners.add(listener);
}

/** Whether the visitor pays. */
export function own() {
  return seal !== null;
}

/** Whether this is known also when the page is loaded anew. */
export function outlasts() {
  return kept?.getItem(SEAL) === seal;
}

/** Whether what is asked for now is drawn by the page itself. */
export function drawsSamples() {
  return settings.offline && !own();
}

/** Whether a job's pictures are samples. What remembers it from before that was told goes by this page. */
export function isSample({ own: mine, sample }) {
  return sample ?? (settings.offline && !mine);
}

/** What says so to the server. */
export function payer() {
  return { own: own(), seal };
}

/** Have the visitor pay from now on, or with null the owner. */
export function setPayer(wanted) {
  seal = wanted;
  kept?.removeItem(SEAL);
  try {
    if (wanted) kept?.setItem(SEAL, wanted);
  } catch {
    // A full store: it is kept as long as the page is open.
  }
  for (const listener of listeners) listener();
}
