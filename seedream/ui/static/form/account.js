// A token of the visitor's own: it goes to the server once, for this visit, and is kept nowhere in the browser.

import { mount } from "../gradio/form.js";
import { element, say } from "../lib/elements.js";
import { sentence, t } from "../lib/texts.js";

let inUse = false;

/** Whether the visitor's own token is in use. */
export function own() {
  return inUse;
}

/** Put the field in its place. `bring(token)` hands it to the server; `changed()` hears when that changed. */
export function askForToken(bring, changed) {
  const attributes = { type: "password", class: "text-field", autocomplete: "off", "aria-describedby": "account-info" };
  const input = element("input", attributes);
  const said = element("p", { class: "account-said", role: "status" });
  const button = element("button", { type: "submit", class: "quiet-button" }, t("account.use"));
  const form = element(
    "form",
    { class: "account" },
    element("label", {}, element("span", {}, t("account.label")), input),
    element("p", { id: "account-info", class: "account-info" }, t("account.info")),
    button,
    said,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const token = inUse ? "" : input.value.trim();
    if (!inUse && !token) return;
    button.disabled = true;
    try {
      const answer = await bring(token);
      if (answer.error) say(said, sentence(answer.error));
      else {
        inUse = !inUse;
        input.value = "";
        input.disabled = inUse;
        say(said, t(inUse ? "account.on" : "account.off"));
        say(button, t(inUse ? "account.stop" : "account.use"));
        changed();
      }
    } catch {
      say(said, t("error.page_unreachable"));
    }
    button.disabled = false;
  });
  mount("account", form);
}
