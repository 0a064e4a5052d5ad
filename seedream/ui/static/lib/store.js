// What outlives the page in this browser. A page in another site's frame may be forbidden to keep anything: many
// browsers are set so, and a private window is.

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

/** The browser's `localStorage` or `sessionStorage`; null where the page may keep nothing there. */
export function storage(kind) {
  try {
    return window[kind];
  } catch {
    return null;
  }
}

export const store = storage("localStorage") ?? memory;
