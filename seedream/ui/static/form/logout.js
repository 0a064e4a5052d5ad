// The way out of a page that needs a login.

import { mount } from "../gradio/form.js";
import { button } from "../lib/buttons.js";
import { element } from "../lib/elements.js";
import { own, setPayer } from "../lib/payer.js";
import { t } from "../lib/texts.js";

/** Offer it. Whoever comes next to this tab spends from nobody's account. */
export function offerLogout() {
  const leave = () => own() && setPayer(null);
  const form = element(
    "form",
    { class: "logout", method: "post", action: new URL("logout", document.baseURI).href, submit: leave },
    button(t("login.out"), null, { type: "submit" }),
    element("p", {}, t("login.out_info")),
  );
  mount("logout", form);
}
