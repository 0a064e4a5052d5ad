// A button that shows more, and what it shows. Not <details>: the two stand in different places of a row.

import { element } from "./elements.js";

/** The `button` and its `panel`, closed. The panel's name is the button's words. */
export function disclosure(words, ...content) {
  const panel = element("div", { class: "more-panel", role: "group", "aria-label": words, hidden: true }, ...content);
  const button = element("button", { type: "button", class: "quiet-button more-button", "aria-expanded": "false" }, words);
  button.addEventListener("click", () => {
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    if (!panel.hidden) panel.scrollIntoView({ block: "nearest" });
  });
  return { button, panel };
}
