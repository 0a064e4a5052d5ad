// What outlives the page in this browser. A page in another site's frame may be forbidden to keep anything: many
// browsers are set so, and a private window is. Then it is kept for as long as the page is open.

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

export const store = kept() ?? memory;

function kept() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
