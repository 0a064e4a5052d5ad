// The page's buttons: a plain one, one that copies a text, one that makes a file and saves it.

import { element, say } from "./elements.js";
import { tray } from "./menu.js";
import { t } from "./texts.js";

const SAID_MILLISECONDS = 3000;
// By then it has been read.
const USED_MILLISECONDS = 1000;
// Long enough for a browser that asks where to save.
const KEEP_MILLISECONDS = 60_000;

/** A button with words on it, or a list of words and drawings. */
export function button(words, click, { class: more = "", ...attributes } = {}) {
  const all = { type: "button", class: `quiet-button ${more}`, click, ...attributes };
  return element("button", all, ...[words].flat());
}

/** A button with a cross on it, which takes something away; `name` says what. */
export function closeButton(name, click, more = "") {
  return element("button", { type: "button", class: `close-button ${more}`, "aria-label": name, title: name, click });
}

/**
 * A button that copies what `text()` gives at that moment, or promises. Where the browser refuses, the text is shown,
 * selected, with a `sentence`; or `byHand()` does something of the kind.
 */
export function copyButton(words, text, { sentence = t("after.by_hand"), byHand = null, class: more = "" } = {}) {
  const heard = element("span", { class: "sr-only", role: "status" });
  const show = (found) => {
    const field = element("textarea", { class: "text-field", rows: 2, readonly: true, focus: () => field.select() });
    field.value = found;
    const shown = tray(words, [element("label", { class: "by-hand" }, sentence, field)], { from: copy });
    root.querySelector(".over")?.remove();
    root.append(shown);
    shown.showPopover();
  };
  const copy = button(words, async () => {
    const found = await text();
    // What stands beside it stays where it is.
    copy.style.minWidth = `${copy.offsetWidth}px`;
    if (await copied(found, root)) {
      say(copy, t("job.copied"));
      say(heard, t("job.copied"));
      setTimeout(() => copy.dispatchEvent(used()), USED_MILLISECONDS);
    } else (byHand ?? show)(found);
    setTimeout(() => {
      say(copy, words);
      say(heard, "");
    }, SAID_MILLISECONDS);
  }, { class: more });
  const root = element("span", { class: "copy" }, copy, heard);
  return root;
}

/** What a menu hears that has been used for something that took its time. */
function used() {
  return new Event("used", { bubbles: true });
}

/** Copy a text, and tell whether that went well. Over plain HTTP there is no clipboard, but the way of older pages. */
async function copied(text, beside) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = document.activeElement;
    // Beside the button, as nothing outside of an open dialog can be selected.
    const field = element("textarea", { class: "sr-only", readonly: true });
    field.value = text;
    beside.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    focused?.focus();
    return done;
  }
}

/** Select all of an element's text, so that the visitor's own key or menu copies it. */
export function selectAll(where) {
  where.focus();
  if (where.select) where.select();
  else window.getSelection().selectAllChildren(where);
}

/** Why a file could not be made, as a sentence for the visitor. */
export class Refusal extends Error {}

/** Where a sentence goes if something can't be saved: beside what saves it, for several buttons if they stand together. */
export function saidPlace() {
  return element("span", { class: "save-said", role: "status" });
}

/**
 * A button that saves what `make()` promises, as `[blob, name]`. What else it is given is as for `workButton`.
 */
export function saveButton(said, key, make, about) {
  return workButton(said, key, async () => download(...(await make())), about);
}

/**
 * A button that works on something for a while: `work()`, which may promise a sentence to say. `key` is the text on it,
 * `said` where a sentence goes, also if it fails, `about` its name for those who don't see what it stands beside.
 */
export function workButton(said, key, work, about) {
  const show = (working) => {
    const words = t(working ? `${key}_busy` : key);
    say(save, words);
    save.setAttribute("aria-label", (!working && about) || words);
    save.setAttribute("aria-busy", working);
    // Not `disabled`: that would take the focus away from under the visitor's hands.
    save.setAttribute("aria-disabled", working);
  };
  const press = async () => {
    if (save.getAttribute("aria-disabled") === "true") return;
    show(true);
    say(said, "");
    try {
      say(said, (await work()) ?? "");
    } catch (error) {
      say(said, error instanceof Refusal ? error.message : t("export.failed"));
    }
    show(false);
    if (!said.textContent) save.dispatchEvent(used());
  };
  const save = button("", press);
  show(false);
  return save;
}

function download(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MILLISECONDS);
}
