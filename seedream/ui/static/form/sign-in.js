// Who has signed in with Hugging Face, in the head of the page, and the way out. The way in is Gradio's own button.

import { mount, signInLink } from "../gradio/form.js";
import { button } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { listen as onFunds, refresh, signedIn } from "../lib/funds.js";
import { t } from "../lib/texts.js";
import { signedInAtFirst } from "../shell/shell.js";

// What belongs to the address of a page, beside what is in its form, which the page remembers by itself.
const KEPT = ["lang", "__theme"];

/** Tell it, as the first HTML has it and then as the server says it: signed in or out in another tab, it is so here. */
export function tellSignedIn() {
  const name = element("span", { class: "signed-in-name" });
  const out = button(t("sign_in.out"), null, { type: "submit" });
  const action = new URL("atelier/sign-out", document.baseURI).href;
  const form = element("form", { class: "signed-in", method: "post", action, title: t("sign_in.info") }, name, out);
  const show = (who) => {
    if (who) say(name, t("sign_in.as", { name: who }));
    document.documentElement.classList.toggle("signed-in-page", who !== null);
  };
  show(signedInAtFirst());
  onFunds(() => signedIn() !== undefined && show(signedIn()));
  document.addEventListener("visibilitychange", () => !document.hidden && refresh());
  mount("signed-in", form);
  leadIn();
}

/** In a frame, a browser may keep the page's cookies from it, so the way in is a tab of its own there. */
async function leadIn() {
  const here = new URLSearchParams(location.search);
  const kept = new URLSearchParams(KEPT.filter((each) => here.has(each)).map((each) => [each, here.get(each)]));
  const link = await signInLink();
  if (kept.size) link.search = kept;
  if (window.parent !== window) link.target = "_blank";
  link.title = t("sign_in.info");
}
