// Which of all pictures are selected: by their checks, with Shift or by the arrow keys a whole range, by a finger that
// stays for a moment, or by any press once somebody has begun to select.

import { placeName } from "./row.js";

const LONG_PRESS_MILLISECONDS = 500;
// As far as a finger that stays trembles, in CSS pixels.
const STILL = 10;
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

/**
 * Selecting among the pictures in `root`. `places()` are all that there are, in their order, also those that are not
 * drawn yet; `changed()` hears whenever other ones are selected.
 */
export function makeSelection(root, { places, changed }) {
  const selected = new Map();
  // Where a range begins: what was pressed last.
  let anchor = null;
  // Whether each press selects, also while nothing is.
  let begun = false;
  const isOn = () => begun || selected.size > 0;

  /** Have these pictures selected or not, and begin the next range at one of them. */
  function set(wished, on, from = wished[0]) {
    for (const place of wished) {
      if (on) selected.set(placeName(place), place);
      else selected.delete(placeName(place));
    }
    anchor = placeName(from);
    paint();
  }

  function toggle(place) {
    set([place], !selected.has(placeName(place)));
  }

  /** Select all from where the range begins to a place. The range begins there still. */
  function reach(place) {
    const all = places();
    const [from, to] = [anchor, placeName(place)].map((name) => all.findIndex((each) => placeName(each) === name));
    if (from < 0) toggle(place);
    else set(all.slice(Math.min(from, to), Math.max(from, to) + 1), true, all[from]);
  }

  function paint() {
    for (const each of root.querySelectorAll(".history-place")) {
      each.querySelector(".history-check").setAttribute("aria-checked", String(selected.has(each.dataset.place)));
    }
    root.classList.toggle("selecting", isOn());
    changed();
  }

  const at = (target) => {
    const name = target.closest(".history-place")?.dataset.place;
    return name && places().find((each) => placeName(each) === name);
  };
  const finger = followFingers(root, (target) => toggle(at(target)));

  /** A press that selects opens nothing. */
  function press(event) {
    const place = at(event.target);
    const check = event.target.closest(".history-check");
    const selects = check || event.shiftKey || event.ctrlKey || event.metaKey || begun || (finger.on() && selected.size);
    if (!place || !(selects || finger.hasHeld())) return;
    event.preventDefault();
    event.stopPropagation();
    if (finger.hasHeld()) return;
    if (event.shiftKey) reach(place);
    else toggle(place);
  }

  /** Go to the next picture or the one before, and with Shift select on the way. */
  function step(event) {
    const place = event.key in STEPS && !event.altKey && !event.ctrlKey && !event.metaKey && at(event.target);
    if (!place) return;
    const all = places();
    const next = all[all.findIndex((each) => placeName(each) === placeName(place)) + STEPS[event.key]];
    event.preventDefault();
    if (!next) return;
    if (event.shiftKey) {
      if (!selected.has(placeName(place))) set([place], true);
      reach(next);
    }
    find(next)?.querySelector(`.${event.target.classList[0]}`).focus();
  }

  function find(place) {
    return root.querySelector(`[data-place="${placeName(place)}"]`);
  }

  root.addEventListener("click", press, true);
  // Or the browser would select all text up to there.
  root.addEventListener("mousedown", (event) => event.shiftKey && at(event.target) && event.preventDefault());
  root.addEventListener("keydown", step);
  document.addEventListener("keydown", ({ key, target }) => {
    const elsewhere = document.querySelector("dialog[open]") || target.closest(".over, input, textarea, select");
    if (key === "Escape" && isOn() && !elsewhere) clear();
  });

  /** Select nothing, and leave to where the hand was last. */
  function clear() {
    const last = anchor && root.querySelector(`[data-place="${anchor}"]`);
    (last ?? root).querySelector(".history-check")?.focus({ preventScroll: true });
    end();
  }

  function end() {
    selected.clear();
    anchor = null;
    begun = false;
    paint();
  }

  return {
    clear,
    end,
    isOn,
    /** Have each press select from now on. */
    begin() {
      begun = true;
      paint();
    },
    /** Select these pictures too. */
    add: (wished) => set(wished, true),
    has: (place) => selected.has(placeName(place)),
    /** Those that are selected, in the order of all. */
    all() {
      const order = new Map(places().map((each, number) => [placeName(each), number]));
      // What another search has found is after what this one has.
      const place = (each) => order.get(placeName(each)) ?? order.size;
      return [...selected.values()].sort((one, other) => place(one) - place(other));
    },
    /** Forget what is not `there(place)` any more. */
    keep(there) {
      const gone = [...selected.values()].filter((place) => !there(place));
      gone.forEach((place) => selected.delete(placeName(place)));
      begun &&= !gone.length || selected.size > 0;
      if (gone.length) paint();
    },
  };
}

/** A finger that stays on a picture: `held(target)`. Tell whether a finger is what presses, and whether it was held. */
function followFingers(root, held) {
  let timer = null;
  let from = null;
  let hasHeld = false;
  const end = () => clearTimeout(timer);
  root.addEventListener("pointerdown", (event) => {
    end();
    from = event;
    hasHeld = false;
    if (event.pointerType !== "touch" || !event.target.closest(".history-picture")) return;
    timer = setTimeout(() => {
      hasHeld = true;
      held(event.target);
    }, LONG_PRESS_MILLISECONDS);
  });
  root.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (from && Math.hypot(clientX - from.clientX, clientY - from.clientY) > STILL) end();
  });
  for (const name of ["pointerup", "pointercancel"]) root.addEventListener(name, end);
  root.addEventListener("keydown", () => {
    from = null;
    hasHeld = false;
  });
  // The browser's own menu for a picture would come at the same moment.
  root.addEventListener("contextmenu", (event) => {
    if (from?.pointerType === "touch" && event.target.closest(".history-place")) event.preventDefault();
  });
  return { on: () => from?.pointerType === "touch", hasHeld: () => hasHeld };
}
