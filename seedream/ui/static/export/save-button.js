// Buttons that make a file and save it: they say while they work, and in a sentence when they could not.

import { button } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { t } from "../lib/texts.js";

// Long enough for a browser that asks where to save.
const KEEP_MILLISECONDS = 60_000;

/** Why a file could not be made, as a sentence for the visitor. */
export class Refusal extends Error {}

/**
 * A button that saves what `make()` promises, as `[blob, name]`. `key` is the text on it, `said` where a sentence goes
 * if it fails, `about` its name for those who don't see what it stands beside.
 */
export function saveButton(said, key, make, about = null) {
  const show = (working) => {
    say(save, t(working ? `${key}_busy` : key));
    save.setAttribute("aria-busy", working);
    // Not `disabled`: that would take the focus away from under the visitor's hands.
    save.setAttribute("aria-disabled", working);
    if (about && !working) save.setAttribute("aria-label", about);
    else save.removeAttribute("aria-label");
  };
  const press = async () => {
    if (save.getAttribute("aria-disabled") === "true") return;
    show(true);
    say(said, "");
    try {
      download(...(await make()));
    } catch (error) {
      say(said, error instanceof Refusal ? error.message : t("keepsake.failed"));
    }
    show(false);
  };
  const save = button("", press);
  show(false);
  return save;
}

/** The place for a button's sentence. */
export function saidPlace() {
  return element("span", { class: "save-said", role: "status" });
}

/** Save a file under a name, as a link with that name would. */
function download(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MILLISECONDS);
}
