// The page's buttons: a plain one, one that copies a text, one that shows more.

import { element, say } from "./elements.js";
import { t } from "./texts.js";

const SAID_MILLISECONDS = 3000;

/** A button with words on it, or a list of words and drawings; `attributes` may add to it. */
export function button(words, click, attributes = {}) {
  return element("button", { type: "button", class: "quiet-button", click, ...attributes }, ...[words].flat());
}

/**
 * A button that copies what `text()` gives at that moment, or promises. `byHand(text)` hears of it when the
 * browser refuses: no page may copy over plain HTTP, but from this very computer.
 */
export function copyButton(words, text, byHand = (found) => window.prompt(t("after.by_hand"), found)) {
  const heard = element("span", { class: "sr-only", role: "status" });
  const copy = button(words, async () => {
    const found = await text();
    try {
      await navigator.clipboard.writeText(found);
      say(copy, t("job.copied"));
      say(heard, t("job.copied"));
    } catch {
      byHand(found);
    }
    setTimeout(() => {
      say(copy, words);
      say(heard, "");
    }, SAID_MILLISECONDS);
  });
  return element("span", { class: "copy" }, copy, heard);
}

/** Select all of an element's text, so that the visitor's own key or menu copies it. */
export function selectAll(where) {
  where.focus();
  if (where.select) where.select();
  else window.getSelection().selectAllChildren(where);
}

/**
 * A `button` that shows more, and the `panel` that it shows, closed. Not <details>: the two stand in different places
 * of a row. The panel's name is the button's words.
 */
export function disclosure(words, ...content) {
  const panel = element("div", { class: "more-panel", role: "group", "aria-label": words, hidden: true }, ...content);
  const toggle = () => {
    panel.hidden = !panel.hidden;
    opener.setAttribute("aria-expanded", String(!panel.hidden));
    if (!panel.hidden) panel.scrollIntoView({ block: "nearest" });
  };
  const opener = button(words, toggle, { class: "quiet-button more-button", "aria-expanded": "false" });
  return { button: opener, panel };
}
