// What outlives the page in this browser. A page in another site's frame may be forbidden to keep anything: many
// browsers are set so, and a private window is.

const PROBE = "seedream.probe";
// Instead, as long as the page is open.
const memory = Object.create({
  getItem(name) {
    return this[name] ?? null;
  },
  setItem(name, value) {
    this[name] = value;
  },
  removeItem(name) {
    delete this[name];
  },
});

let full = false;

/** The browser's `localStorage` or `sessionStorage`; null where the page may keep nothing there. */
export function storage(kind) {
  try {
    const found = window[kind];
    // Some have it and take nothing. In one that is full there is what was kept before.
    return takes(found) || found.length ? found : null;
  } catch {
    return null;
  }
}

function takes(found) {
  try {
    found.setItem(PROBE, "");
    found.removeItem(PROBE);
    return true;
  } catch {
    return false;
  }
}

export const store = storage("localStorage") ?? memory;

// What each visit can make anew: it goes first where there is no room.
const spare = new Set();

/** Keep a text that nobody would miss; null keeps nothing. */
export function keepSpare(name, text) {
  spare.add(name);
  if (store.getItem(name) === text) return;
  try {
    if (text === null) store.removeItem(name);
    else store.setItem(name, text);
  } catch {
    store.removeItem(name);
  }
}

export function isSpare(name) {
  return spare.has(name);
}

function dropSpare() {
  const found = [...spare].find((name) => store.getItem(name) !== null);
  if (found) store.removeItem(found);
  return Boolean(found);
}

/** Keep a text, if there is room; `makeRoom()` drops something less dear, or tells that there is nothing. */
export function remember(name, text, makeRoom = () => false) {
  do {
    try {
      store.setItem(name, text);
      return;
    } catch {
      // Tried again as long as something can go.
    }
  } while (dropSpare() || makeRoom());
  full = true;
}

/** A list that was kept as JSON; empty where there is none, or nothing that can be read. */
export function keptList(name) {
  try {
    const found = JSON.parse(store.getItem(name));
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

/** How much of what is kept outlives the page: "all", "some", because there was no room, or "nothing". */
export function outlasting() {
  if (store === memory) return "nothing";
  return full ? "some" : "all";
}
