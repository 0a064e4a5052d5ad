// A small menu behind a button: what it shows lies over the page and pushes nothing, and closes by Escape, by a press
// elsewhere, and when something in it was pressed.

import { element } from "./elements.js";
import { visibleArea } from "./visible-area.js";

const GAP = 4;

/** A `button` with a name, and the `menu` that it opens; `items()` are made anew each time. */
export function menuButton(name, items) {
  const { button, tray: menu } = trayButton(name, "menu");
  menu.addEventListener("beforetoggle", ({ newState }) => {
    if (newState === "open") menu.replaceChildren(...items());
  });
  menu.addEventListener("click", ({ target }) => target.closest("button, a") && menu.hidePopover());
  return { button, menu };
}

/** A `button` with a name, and the `tray` that it opens, for what is more than a press. */
export function trayButton(name, kind = "tray") {
  const tray = element("div", { popover: "auto", class: kind, role: "group", "aria-label": name });
  const button = element("button", {
    type: "button",
    class: "menu-button",
    "aria-label": name,
    "aria-expanded": "false",
    click: () => tray.togglePopover(),
  });
  tray.addEventListener("toggle", ({ newState }) => {
    const open = newState === "open";
    button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    place(tray, button);
    tray.querySelector("button, a")?.focus();
  });
  return { button, tray };
}

/** Below its button, or above it where what is seen ends. */
function place(tray, button) {
  const seen = visibleArea();
  const { right, top, bottom } = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = tray;
  const x = Math.min(Math.max(GAP, right - width), window.innerWidth - width - GAP);
  const y = bottom + GAP + height <= seen.bottom ? bottom + GAP : Math.max(seen.top + GAP, top - GAP - height);
  tray.style.left = `${x}px`;
  tray.style.top = `${y}px`;
  // What unfolds in it stays in sight.
  tray.style.maxHeight = `${seen.bottom - y - GAP}px`;
}
