// Buttons that make a file and save it: they say while they work, and in a sentence when they could not.

import { element, say } from "../lib/elements.js";
import { t } from "../lib/texts.js";

// Long enough for a browser that asks where to save.
const KEEP_MILLISECONDS = 60_000;

/** Why a file could not be made, as a sentence for the visitor. */
export class Refusal extends Error {}

/** Save a file under a name, as a link with that name would. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MILLISECONDS);
}

/**
 * A button that saves what `make()` makes, as `{ blob, name }`. `said` is where a sentence goes if it fails;
 * `busy` is the text of the button meanwhile, `about` its name for those who don't see what it stands beside.
 */
export function savingButton(said, { label, busy, about, make }) {
  const name = (working) => {
    say(button, working ? busy : label);
    button.setAttribute("aria-busy", working);
    // Not `disabled`: that would take the focus away from under the visitor's hands.
    button.setAttribute("aria-disabled", working);
    if (about && !working) button.setAttribute("aria-label", about);
    else button.removeAttribute("aria-label");
  };
  const press = async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    name(true);
    say(said, "");
    try {
      const { blob, name: file } = await make();
      save(blob, file);
    } catch (error) {
      say(said, error instanceof Refusal ? error.message : t("keepsake.failed"));
    }
    name(false);
  };
  const button = element("button", { type: "button", class: "quiet-button", click: press });
  name(false);
  return button;
}

/** The place for a button's sentence. */
export function saidPlace() {
  return element("span", { class: "keepsake-said", role: "status" });
}
