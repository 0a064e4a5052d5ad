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

/** The browser's `localStorage` or `sessionStorage`; null where the page may keep nothing there. */
export function storage(kind) {
  try {
    // Some have it and take nothing.
    window[kind].setItem(PROBE, "");
    window[kind].removeItem(PROBE);
    return window[kind];
  } catch {
    return null;
  }
}

export const store = storage("localStorage") ?? memory;
/** Whether what is kept there outlives the page. */
export const keeps = store !== memory;
