// Who pays, and how much is left of it; and the way to pay from an account of the visitor's own. Its token goes to the
// server once, which gives it back sealed; the browser keeps the seal.

import { mount } from "../gradio/form.js";
import { button } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { leftWords, listen as onFunds, nothingLeft, possibleLeftWords } from "../lib/funds.js";
import { drawsSamples, listen as onPayer, outlasts, own, setPayer } from "../lib/payer.js";
import { listPrice } from "../lib/prices.js";
import { settings } from "../lib/settings.js";
import { dollars, inARow, sentence, t } from "../lib/texts.js";
import * as values from "./values.js";

// Where RunComfy shows the tokens of whoever is logged in there.
const PROFILE = "https://www.runcomfy.com/profile";

/** Put the line in its place, and keep it up to date. `seal(token)` has the server seal a token. */
export function tellAccount(seal) {
  if (own() && !settings.own_tokens) setPayer(null);
  const payer = element("span", { class: "account-payer" });
  const said = element("p", { class: "sr-only", role: "status" });
  const dialog = settings.own_tokens && tokenDialog(seal);
  const change = dialog && button("", () => (own() ? setPayer(null) : dialog.open()), { class: "quiet-link" });
  const show = () => {
    // The style sheets hide by it what is said of samples.
    document.documentElement.classList.toggle("own-account", own());
    payer.replaceChildren(...inParts(leftWords()));
    if (change) say(change, t(own() ? "account.stop" : drawsSamples() ? "account.use_own" : "account.use_own_instead"));
  };
  onPayer(() => {
    show();
    say(said, own() ? lasting("account.on") : t("account.off"));
  });
  onFunds(() => {
    show();
    if (nothingLeft()) say(said, nothingLeft().sentence);
  });
  show();
  if (own()) say(said, lasting("account.on"));
  // What is left of the hour takes a line of its own.
  const kind = settings.limited ? "account account-counted" : "account";
  const line = element("div", { class: kind }, payer, " ", change, said);
  const keep = () => keepRoom(line);
  // What it changes may be what is heard of.
  const changed = new ResizeObserver(() => requestAnimationFrame(keep));
  mount("account", line, ...[dialog?.root].filter(Boolean)).then(() => {
    keep();
    changed.observe(line.parentElement);
  });
  onPayer(keep);
}

/** What is said of who pays and of what is left. Where it is too long for one line, it breaks between its parts. */
function inParts(left) {
  return [who(), ...left].flatMap((words) => [" · ", element("span", {}, words)]).slice(1);
}

/** Keep the room of the longest that the line may say: what lies over the page's edge does not grow under the hand. */
function keepRoom(line) {
  const probe = line.cloneNode(true);
  probe.classList.add("account-probe");
  probe.setAttribute("aria-hidden", "true");
  probe.style.width = `${line.offsetWidth}px`;
  line.after(probe);
  const heights = possibleLeftWords().map((left) => {
    probe.firstChild.replaceChildren(...inParts(left));
    return probe.offsetHeight;
  });
  probe.remove();
  line.style.minHeight = `${Math.max(...heights)}px`;
}

function who() {
  if (drawsSamples()) return t("price.free");
  return t(own() ? "account.own" : "account.page");
}

/** A window that asks for the token, its `root`, and `open()`: it closes once the token is in use. */
function tokenDialog(seal) {
  const attributes = { type: "password", class: "text-field", autocomplete: "off", "aria-describedby": "account-info" };
  const input = element("input", attributes);
  const refused = element("p", { class: "account-refused", role: "alert" });
  const use = button(t("account.use"), null, { type: "submit", class: "account-use" });
  const submit = async (event) => {
    event.preventDefault();
    const token = input.value.trim();
    if (use.getAttribute("aria-disabled") === "true") return;
    if (!token) {
      say(refused, t("account.empty"));
      input.focus();
      return;
    }
    use.setAttribute("aria-disabled", "true");
    say(refused, "");
    const answer = await seal(token).catch(() => ({ error: { code: "page_unreachable" } }));
    use.setAttribute("aria-disabled", "false");
    // Whoever closed it meanwhile wants it no more.
    if (!root.open) return;
    if (answer.error) {
      say(refused, sentence(answer.error));
      if (answer.error.code === "own_token_refused") refused.append(" ", profileLink());
    } else {
      root.close();
      setPayer(answer.seal);
    }
  };
  const forget = () => {
    input.value = "";
    say(refused, "");
  };
  const price = element("p");
  const root = element(
    "dialog",
    { class: "account-dialog", "aria-labelledby": "account-title", close: forget },
    element(
      "form",
      { submit },
      element("h2", { id: "account-title" }, t("account.use_own")),
      element("p", {}, t("account.token"), " ", profileLink()),
      element("label", {}, element("span", {}, t("account.label")), input),
      refused,
      element("p", { id: "account-info" }, lasting("account.info")),
      price,
      element("div", { class: "account-buttons" }, use, button(t("account.leave"), () => root.close())),
    ),
  );
  const open = () => {
    say(price, priceThere());
    root.showModal();
    input.focus();
  };
  return { root, open };
}

function profileLink() {
  return element("a", { href: PROFILE, target: "_blank", rel: "noopener noreferrer" }, t("account.profile"));
}

/** What a picture costs from an account of one's own, as far as that is known before there is one. */
function priceThere() {
  const usd = listPrice(values.now());
  if (typeof usd !== "number") return t("account.price_later");
  const price = dollars(usd);
  return t("account.price", { price: settings.price_varies ? t("price.least", { price }) : price });
}

/** What a sentence says of how long the seal is kept, if it is. */
function lasting(key) {
  return inARow(t(key), ...(outlasts() ? [] : [t("account.not_kept")]));
}
