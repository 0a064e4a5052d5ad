// What a page leaves to the next one in the same tab, after a reload or in another language: the form as it was,
// and the jobs in the gallery.

import { payer, setPayer } from "../lib/payer.js";
import { outlasting, storage, store } from "../lib/store.js";

const KEY = "seedream.left";

let keepFocus = false;

/** Keep the form's values, as `read()` tells them, and which jobs are shown, whenever the page may be about to end. */
export function keepOnExit(read) {
  const keep = () => {
    try {
      storage("sessionStorage")?.setItem(KEY, JSON.stringify(state(read())));
    } catch {
      // A full store: the next page begins anew, and the jobs are in the history.
    }
  };
  window.addEventListener("pagehide", keep);
  // A phone may end a page that is out of sight without telling it.
  document.addEventListener("visibilitychange", () => document.hidden && keep());
}

/** Load the page anew, with these values in the form; `focus` is what the next page is told of the focus. */
export function reload(values, focus) {
  keepFocus = focus;
  // The tab's history holds something also where the page may store nothing, and no other page reads it. Else the jobs
  // would be forgotten, and who pays.
  if (!storage("sessionStorage")) {
    const kept = outlasting() === "nothing" ? { ...store } : {};
    const left = JSON.stringify({ ...state(values), kept, seal: payer().seal });
    history.replaceState({ ...history.state, [KEY]: left }, "");
  }
  location.reload();
}

/** What was kept: `{values, shown, focus}`; null if no page was here before, or left nothing that can be read. */
export function restored() {
  const session = storage("sessionStorage");
  const text = session ? session.getItem(KEY) : history.state?.[KEY];
  if (!session && text) history.replaceState({ ...history.state, [KEY]: undefined }, "");
  try {
    const { kept = {}, seal, values, shown, focus } = JSON.parse(text);
    for (const [name, value] of Object.entries(kept)) store.setItem(name, value);
    if (seal) setPayer(seal);
    return typeof values === "object" && Array.isArray(shown) ? { values: { ...values }, shown, focus } : null;
  } catch {
    return null;
  }
}

function state(values) {
  const shown = [...document.querySelectorAll(".job")].map((card) => card.dataset.key).reverse();
  return { values, shown, focus: keepFocus };
}
