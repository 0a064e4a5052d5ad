// A token of the visitor's own: it goes to the server once, for this visit, and is kept nowhere in the browser.

import { mount } from "../gradio/form.js";
import { button } from "../lib/buttons.js";
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
  const said = element("p", { role: "status" });
  const use = button(t("account.use"), null, { type: "submit" });
  const form = element(
    "form",
    { class: "account" },
    element("label", {}, element("span", {}, t("account.label")), input),
    element("p", { id: "account-info" }, t("account.info")),
    use,
    said,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const token = inUse ? "" : input.value.trim();
    if (!inUse && !token) return;
    use.disabled = true;
    const answer = await bring(token).catch(() => ({ error: { code: "page_unreachable" } }));
    if (!answer.error) {
      inUse = !inUse;
      input.value = "";
      input.disabled = inUse;
      say(use, t(inUse ? "account.stop" : "account.use"));
      changed();
    }
    say(said, answer.error ? sentence(answer.error) : t(inUse ? "account.on" : "account.off"));
    use.disabled = false;
  });
  mount("account", form);
}
