// What a page leaves to the next one in the same tab, after a reload or in another language: the form as it was,
// and the jobs in the gallery.

import { storage, store } from "../lib/store.js";

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
  // A window keeps its name also where the page may store nothing, and the jobs would be forgotten with the page.
  if (!storage("sessionStorage")) window.name = KEY + JSON.stringify({ ...state(values), kept: { ...store } });
  location.reload();
}

/** What was kept: `{values, shown, focus}`; null if no page was here before, or left nothing that can be read. */
export function restored() {
  const session = storage("sessionStorage");
  const text = session ? session.getItem(KEY) : window.name.startsWith(KEY) && window.name.slice(KEY.length);
  if (!session && text) window.name = "";
  try {
    const { kept = {}, values, shown, focus } = JSON.parse(text);
    for (const [name, value] of Object.entries(kept)) store.setItem(name, value);
    return typeof values === "object" && Array.isArray(shown) ? { values: { ...values }, shown, focus } : null;
  } catch {
    return null;
  }
}

function state(values) {
  const shown = [...document.querySelectorAll(".job")].map((card) => card.dataset.key).reverse();
  return { values, shown, focus: keepFocus };
}
