// A small menu behind a button: what it shows lies over the page and pushes nothing, and closes by Escape, by a press
// elsewhere, and when something in it was pressed.

import { element } from "./elements.js";

const GAP = 4;

/** A `button` with a name, and the `menu` that it opens; `items()` are made anew each time. */
export function menuButton(name, items) {
  const menu = element("div", { popover: "auto", class: "menu", role: "group", "aria-label": name });
  const button = element("button", {
    type: "button",
    class: "menu-button",
    "aria-label": name,
    "aria-expanded": "false",
    click: () => menu.togglePopover(),
  });
  menu.addEventListener("beforetoggle", ({ newState }) => {
    if (newState === "open") menu.replaceChildren(...items());
  });
  menu.addEventListener("toggle", ({ newState }) => {
    const open = newState === "open";
    button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    place(menu, button);
    menu.querySelector("button, a")?.focus();
  });
  menu.addEventListener("click", ({ target }) => target.closest("button, a") && menu.hidePopover());
  return { button, menu };
}

/** Below its button, or above it where the window ends. */
function place(menu, button) {
  const { right, top, bottom } = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const x = Math.min(Math.max(GAP, right - width), window.innerWidth - width - GAP);
  const y = bottom + GAP + height <= window.innerHeight ? bottom + GAP : Math.max(GAP, top - GAP - height);
  menu.style.left = `${x}px`;
  menu.style.top = `${y}px`;
}
