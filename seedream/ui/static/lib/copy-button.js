// Buttons that copy a text. Where the browser does not let a page copy, the text is shown for the visitor to take.

import { element, say } from "./elements.js";
import { t } from "./texts.js";

const SAID_MILLISECONDS = 3000;

/**
 * A button that copies what `text()` gives at that moment, or promises. `byHand(text)` hears of it when the
 * browser refuses: no page may copy over plain HTTP, but from this very computer.
 */
export function copyButton(words, text, byHand) {
  const heard = element("span", { class: "sr-only", role: "status" });
  const button = element("button", { type: "button", class: "quiet-button" }, words);
  button.addEventListener("click", async () => {
    const found = await text();
    try {
      await navigator.clipboard.writeText(found);
      say(button, t("job.copied"));
      say(heard, t("job.copied"));
    } catch {
      byHand(found);
    }
    setTimeout(() => {
      say(button, words);
      say(heard, "");
    }, SAID_MILLISECONDS);
  });
  return element("span", { class: "copy" }, button, heard);
}

/** Select all of an element's text, so that the visitor's own key or menu copies it. */
export function selectAll(where) {
  where.focus();
  if (where.select) where.select();
  else window.getSelection().selectAllChildren(where);
}

/** The same button, where a text that the browser refuses is shown in its own window. */
export function plainCopyButton(words, text) {
  return copyButton(words, text, (found) => window.prompt(t("after.by_hand"), found));
}
