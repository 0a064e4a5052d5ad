// What a page leaves to the next one in the same tab, after a reload or in another language: the form as it was,
// and the jobs on the wall.

import { store } from "../lib/store.js";

const LEFT = "seedream.left";

let focused;

/** Leave the form's values, as `read()` tells them, and the wall's jobs whenever the page may be about to end. */
export function leaveOnExit(read) {
  const leave = () => mayStore()?.setItem(LEFT, JSON.stringify(leaving(read())));
  window.addEventListener("pagehide", leave);
  // A phone may end a page that is out of sight without telling it.
  document.addEventListener("visibilitychange", () => document.hidden && leave());
}

/** Load the page anew, with these values in the form and the focus in the element with the ID `focus`. */
export function loadAnew(values, focus) {
  focused = focus;
  // A window keeps its name also where the page may store nothing, and the jobs would be forgotten with the page.
  if (!mayStore()) window.name = LEFT + JSON.stringify({ ...leaving(values), kept: { ...store } });
  location.reload();
}

/** What was left: `{values, shown, focus}`; null if no page was here before. */
export function left() {
  const session = mayStore();
  if (session) return JSON.parse(session.getItem(LEFT));
  if (!window.name.startsWith(LEFT)) return null;
  const { kept, ...found } = JSON.parse(window.name.slice(LEFT.length));
  window.name = "";
  for (const [name, value] of Object.entries(kept)) store.setItem(name, value);
  return found;
}

function leaving(values) {
  const shown = [...document.querySelectorAll(".job")].map((card) => card.dataset.key).reverse();
  return { values, shown, focus: focused };
}

function mayStore() {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}
