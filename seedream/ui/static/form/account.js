// A token of the visitor's own: it goes to the server once, which gives it back sealed; the browser keeps the seal.

import { mount } from "../gradio/form.js";
import { button } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { listen, outlasts, own, setPayer } from "../lib/payer.js";
import { inARow, sentence, t } from "../lib/texts.js";

/** Put the field in its place. `seal(token)` has the server seal it; `changed()` hears when another pays. */
export function askForToken(seal, changed) {
  const attributes = { type: "password", class: "text-field", autocomplete: "off", "aria-describedby": "account-info" };
  const input = element("input", attributes);
  const said = element("p", { role: "status" });
  const use = button(t("account.use"), null, { type: "submit" });
  const form = element(
    "form",
    { class: "account" },
    element("label", {}, element("span", {}, t("account.label")), input),
    element("p", { id: "account-info" }, lasting("account.info")),
    use,
    said,
  );
  const show = () => {
    input.disabled = own();
    if (own()) input.value = "";
    say(use, t(own() ? "account.stop" : "account.use"));
    say(said, own() ? lasting("account.on") : "");
  };
  listen(() => {
    show();
    if (!own()) say(said, t("account.off"));
    changed();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const token = input.value.trim();
    if (own()) {
      setPayer(null);
      return;
    }
    if (!token) return;
    use.disabled = true;
    const answer = await seal(token).catch(() => ({ error: { code: "page_unreachable" } }));
    if (answer.error) say(said, sentence(answer.error));
    else setPayer(answer.seal);
    use.disabled = false;
  });
  show();
  mount("account", form);
}

/** What a sentence says of how long the seal is kept, if it is. */
function lasting(key) {
  return inARow(t(key), ...(outlasts() ? [] : [t("account.not_kept")]));
}
