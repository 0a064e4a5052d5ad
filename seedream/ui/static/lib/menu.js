// Menus and trays: what a button opens lies over the page and pushes nothing. It closes by Escape, by a press elsewhere,
// when the focus goes on to something else, and by its use; one is open at a time, but for one that opens out of another.

import { element } from "./elements.js";
import { visibleArea } from "./visible-area.js";

const GAP = 4;
const FOCUSABLE = "button, a, input, textarea, select";
// What opens more out of a menu, or has something to say in it before it closes ("used").
const STAYS = "[aria-expanded], [aria-busy], .copy *";
// A second press this soon and this near, in CSS pixels, was for what has just closed, not for what lay under it.
const SAME_PRESS_MILLISECONDS = 500;
const SAME_PLACE = 10;

/** A `button` with a name and three dots on it, and the `tray` that it opens: see `tray`. */
export function dotsMenu(name, content, kind = "menu") {
  const button = element("button", { type: "button", class: "menu-button", "aria-label": name, title: name });
  return { button, tray: openedBy(button, tray(name, content, { kind, from: button })) };
}

/** A `button` with words on it, and the `tray` that it opens. */
export function wordsMenu(words, content, kind = "menu") {
  const button = element("button", { type: "button", class: "quiet-button more-button" }, words);
  return { button, tray: openedBy(button, tray(words, content, { kind, from: button })) };
}

/**
 * What lies over the page beside an element, `from`, which has the focus again when it closes: a "menu" of things to press,
 * which a press closes, or a "tray" for what is more than a press. Its `content` is a list, or a function that makes it anew
 * each time.
 */
export function tray(name, content, { kind = "tray", from }) {
  const [stays, made] = typeof content === "function" ? [[], content] : [content, null];
  const attributes = { popover: "auto", class: `over ${kind}`, role: "group", "aria-label": name };
  const root = element("div", attributes, ...stays);
  const again = ({ target }) => target === root || place(root, from);
  const leave = ({ target }) => root.contains(target) || target === from || root.hidePopover();
  let had = false;
  root.addEventListener("beforetoggle", ({ newState }) => {
    had = root.contains(document.activeElement);
    if (newState !== "open") return;
    if (made) root.replaceChildren(...made().filter(Boolean));
    // It is painted before it hears that it is open, and has its place.
    root.style.visibility = "hidden";
  });
  root.addEventListener("toggle", ({ newState }) => {
    const open = newState === "open";
    const listen = open ? addEventListener : removeEventListener;
    for (const name of ["scroll", "resize"]) listen(name, again, { capture: true, passive: true });
    listen("focusin", leave);
    if (open) {
      place(root, from);
      root.style.visibility = "";
      root.querySelector(FOCUSABLE)?.focus({ preventScroll: true });
      return;
    }
    const at = document.activeElement;
    if (had && (at === document.body || root.contains(at))) from.focus({ preventScroll: true });
  });
  if (kind === "menu") closeByUse(root);
  return root;
}

function openedBy(button, root) {
  button.setAttribute("aria-expanded", "false");
  // So that a press of it while it is open closes it, and does not open it anew.
  button.popoverTargetElement = root;
  root.addEventListener("beforetoggle", ({ newState }) => button.setAttribute("aria-expanded", String(newState === "open")));
  return root;
}

function closeByUse(root) {
  let pressed = null;
  // Before what is pressed does its work: a window that it opens gives the focus back to where it was.
  const press = (event) => {
    pressed = event.target.closest("button, a");
    if (!pressed || pressed.matches(STAYS)) return;
    root.hidePopover();
    ignoreSecond(event);
  };
  root.addEventListener("click", press, { capture: true });
  root.addEventListener("used", ({ target }) => {
    const elsewhere = root.matches(":hover") && !target.matches(":hover");
    if (pressed === target && !elsewhere && root.matches(":popover-open")) root.hidePopover();
  });
  root.addEventListener("keydown", (event) => {
    const all = [...root.querySelectorAll("button, a")].filter((each) => each.closest("[popover]") === root && each.checkVisibility());
    const at = all.indexOf(event.target);
    if (at < 0) return;
    const [next, before] = [all[at + 1] ?? all[0], all.at(at - 1)];
    const wished = { ArrowDown: next, ArrowUp: before, Home: all[0], End: all.at(-1) }[event.key];
    if (!wished) return;
    event.preventDefault();
    // What lies under it has keys of its own.
    event.stopPropagation();
    wished.focus();
  });
}

/** The second half of a double click is for nothing that lay under a menu. A key presses what has the focus, and counts none. */
function ignoreSecond({ detail, timeStamp, clientX, clientY }) {
  if (!detail) return;
  const hear = (event) => {
    removeEventListener("click", hear, true);
    const near = Math.hypot(event.clientX - clientX, event.clientY - clientY) <= SAME_PLACE;
    if (!near || !event.detail || event.timeStamp - timeStamp > SAME_PRESS_MILLISECONDS) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  // Not this one, which is on its way down.
  setTimeout(() => addEventListener("click", hear, true));
}

/** Below an element, or above it where more of what is seen is free; three dots stand at the end of what they are of. */
function place(root, from) {
  const { left, right, top, bottom } = from.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight, clientHeight, scrollHeight } = root;
  const wished = from.matches(".menu-button") ? right - width : left;
  const x = Math.max(GAP, Math.min(wished, innerWidth - width - GAP));
  const seen = visibleArea();
  const [above, below] = [top - seen.top, seen.bottom - bottom].map((room) => room - 2 * GAP);
  const whole = scrollHeight + offsetHeight - clientHeight;
  const under = whole <= below || below >= above;
  const height = Math.min(whole, under ? below : above);
  root.style.left = `${x}px`;
  root.style.top = `${under ? bottom + GAP : top - GAP - height}px`;
  root.style.maxHeight = `${height}px`;
}
