// The switch of the page's language. Gradio reads its language once, at its start, so a change loads the page
// anew; what is in the form and on the wall goes over, in sessionStorage, for that moment alone.

import { element, present } from "./elements.js";
import { language, t } from "./texts.js";

const CHOICE = "seedream.language";
const CARRIED = "seedream.carried";

/** Put the switch in its place. `leave()` is asked to end in `carry(values)`. */
export async function offerLanguages(leave) {
  const frame = await present("#language");
  const names = window.gradio_config.i18n_translations;
  const select = element(
    "select",
    // Or a browser that loads the page anew would restore what was chosen in it before.
    { id: "language-choice", autocomplete: "off" },
    ...window.seedreamEarly.languages.map((tag) =>
      element("option", { value: tag, lang: tag, selected: tag === language }, names[tag]["language.name"]),
    ),
  );
  select.addEventListener("change", () => {
    choose(select.value);
    leave();
  });
  frame.append(element("div", { class: "language" }, element("label", { for: select.id }, t("language.label")), select));
  return select;
}

/** Remember a language for this and all later visits. */
function choose(tag) {
  const address = new URL(location.href);
  address.searchParams.delete("lang");
  try {
    localStorage.setItem(CHOICE, tag);
  } catch {
    // Nothing can be remembered here; the address can, for this visit.
    address.searchParams.set("lang", tag);
  }
  history.replaceState(history.state, "", address);
}

/** Load the page anew, with these values in the form and these jobs on the wall. */
export function carry(values) {
  const shown = [...document.querySelectorAll("#wall .job")].map((card) => card.dataset.key);
  try {
    sessionStorage.setItem(CARRIED, JSON.stringify({ values, shown: shown.reverse() }));
  } catch {
    // Nothing can be carried here.
  }
  location.reload();
}

/** What was carried over: `{values, shown}`, once; null if the page was not left for another language. */
export function carried() {
  try {
    const found = sessionStorage.getItem(CARRIED);
    sessionStorage.removeItem(CARRIED);
    return JSON.parse(found);
  } catch {
    return null;
  }
}
