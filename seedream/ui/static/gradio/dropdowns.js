// Gradio's dropdowns by keyboard, as a browser's own: one opens when asked to, closes when left, and keeps the focus.
// Gradio opens one whenever it has the focus, takes a Tab for typing, which opens it again behind the visitor's
// back, and drops the focus after a choice.

import { visibleArea } from "../lib/visible-area.js";

const OPENING = new Set(["ArrowDown", "ArrowUp", "Enter", " "]);
const MOVING = new Set(["ArrowDown", "ArrowUp", "Home", "End", "Enter", "Escape"]);

/** Take over focus and keys of the dropdowns in the form. */
export function tameDropdowns() {
  let asked = false;
  const open = (input) => {
    placeList(input);
    asked = true;
    input.dispatchEvent(new FocusEvent("focus"));
    asked = false;
    requestAnimationFrame(() => showChosen(input));
  };
  const on = (type, listener) => {
    const heard = (event) => {
      if (event.target instanceof Element && event.target.matches("#form input[role=combobox]")) listener(event);
    };
    // Before Gradio hears of it.
    document.addEventListener(type, heard, { capture: true });
  };
  on("focus", (event) => {
    if (!asked) event.stopPropagation();
  });
  on("click", ({ target }) => {
    if (!isOpen(target)) open(target);
  });
  on("keydown", (event) => {
    const { key, target } = event;
    // The page's own keys, Ctrl+Enter among them.
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!isOpen(target) && OPENING.has(key)) {
      event.preventDefault();
      event.stopPropagation();
      open(target);
    } else if (!isOpen(target) || !MOVING.has(key)) event.stopPropagation();
    else if (key === "Enter") keepFocus(target);
  });
}

/** Give the focus back however late Gradio drops it, until the visitor does something else. */
function keepFocus(input) {
  const moved = new AbortController();
  const { signal } = moved;
  input.addEventListener("blur", () => setTimeout(() => signal.aborted || input.focus()), { signal });
  for (const type of ["keydown", "pointerdown"]) {
    document.addEventListener(type, () => moved.abort(), { capture: true, signal });
  }
}

/**
 * Tell the style sheets where the list goes: to the side with more room of what is seen. Gradio measures the window, which
 * in a frame as tall as what is in it is all of the page.
 */
function placeList(input) {
  const { top, bottom } = input.closest(".wrap").getBoundingClientRect();
  const seen = visibleArea();
  const below = seen.bottom - bottom > top - seen.top;
  const { style } = document.documentElement;
  style.setProperty("--list-top", below ? `${bottom}px` : "auto");
  style.setProperty("--list-bottom", below ? "auto" : `${window.innerHeight - top}px`);
}

function isOpen(input) {
  return input.getAttribute("aria-expanded") === "true";
}

function showChosen(input) {
  const list = document.getElementById(input.getAttribute("aria-controls"));
  const chosen = list?.querySelector('[aria-selected="true"]');
  if (chosen) list.scrollTop = chosen.offsetTop - (list.clientHeight - chosen.offsetHeight) / 2;
}
