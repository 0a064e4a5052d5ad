// The switch of the page's language. Gradio reads its language once, at its start, so a change loads the page
// anew, with what is in the form and in the gallery.

import { languageNames, mount } from "../gradio/form.js";
import { element } from "./elements.js";
import { language, t } from "./texts.js";

const CHOICE = "seedream.language";

/** Put the switch in its place, with the focus if it is `focused`. `leave()` is asked to load the page anew. */
export async function offerLanguages(leave, focused) {
  const select = element(
    "select",
    // Or a browser that loads the page anew would restore what was chosen in it before.
    { id: "language-choice", autocomplete: "off" },
    ...Object.entries(languageNames()).map(([tag, name]) =>
      element("option", { value: tag, lang: tag, selected: tag === language }, name),
    ),
  );
  onChoice(select, () => {
    choose(select.value);
    leave();
  });
  const label = element("label", { for: select.id }, t("language.label"));
  await mount("language", element("div", { class: "language" }, label, select));
  if (focused) select.focus();
}

/** Hear of a choice. Whoever steps through a closed list by keys has chosen with Enter, or by going on. */
function onChoice(select, listener) {
  let atKey = false;
  let stepped = false;
  const take = () => {
    stepped = false;
    if (select.value !== language) listener();
  };
  select.addEventListener("keydown", (event) => {
    // A key changes a closed list at once, and an open one later, when it closes.
    atKey = true;
    setTimeout(() => (atKey = false));
    if (!stepped || !["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "Escape") select.value = language;
    take();
  });
  select.addEventListener("change", () => {
    stepped = atKey;
    if (!stepped) take();
  });
  select.addEventListener("blur", () => {
    // Another window in front is no going on.
    if (stepped && document.hasFocus()) take();
  });
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
