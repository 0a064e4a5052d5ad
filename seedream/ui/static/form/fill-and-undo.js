// Other settings put into the form, by an example, a file or an earlier job: what happened, and the way back to
// what the visitor had there.

import * as chosen from "./values.js";
import { element, present, say } from "../lib/elements.js";
import { t } from "../lib/texts.js";

/**
 * The line below the prompt, as its `root`, with `fill(request, words)`, which puts a whole request into the form,
 * `tell(words)`, and `showForm(nearby)`.
 */
export function refilling(fields) {
  const said = element("p", { class: "refill-said", role: "status" });
  const back = element("button", { type: "button", class: "quiet-button", hidden: true }, t("refill.back"));
  const usual = Object.fromEntries(fields.map(({ name, default: value }) => [name, value]));
  const given = new Set([usual.prompt]);
  let last = usual;
  let kept = null;
  /** A second filling does not push the visitor's own text out. */
  const keep = () => {
    const now = chosen.now();
    const typed = now.prompt.trim() && !given.has(now.prompt);
    if (typed || (!kept && differ(now, last))) kept = now;
  };
  const put = (request, words) => {
    chosen.putAll(request);
    last = chosen.now();
    back.hidden = !kept;
    say(said, words);
  };
  const fill = (request, words) => {
    keep();
    given.add(request.prompt);
    put(request, words);
  };
  back.addEventListener("click", () => {
    const own = kept;
    kept = null;
    keep();
    put(own, t("refill.is_back"));
    showForm(document.querySelector("#generate"));
  });
  // From then on it is no longer so that nothing was sent.
  present("#generate").then((generate) => generate.addEventListener("click", () => say(said, "")));
  return { root: element("div", { class: "refill" }, said, back), fill, tell: (words) => say(said, words) };
}

/**
 * On with the prompt. On a phone the keyboard would cover what has just changed, so the prompt is only shown, and
 * `nearby` has the focus: what was pressed may be hidden by now.
 */
export function showForm(nearby) {
  const input = document.querySelector("#field-prompt textarea");
  if (window.matchMedia("(pointer: coarse)").matches) {
    nearby.focus({ preventScroll: true });
    input.scrollIntoView({ block: "center" });
  } else input.focus();
}

function differ(one, other) {
  return Object.keys(one).some((name) => String(one[name]) !== String(other[name]));
}
