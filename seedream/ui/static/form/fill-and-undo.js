// Other settings put into the form, by an example, a file or an earlier job: what happened, and the way back to
// what the visitor had there.

import { generateButton, promptInput } from "../gradio/form.js";
import { button } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { t } from "../lib/texts.js";
import * as values from "./values.js";

/**
 * The line below the prompt, as its `root`, with `fill(request, words, other)`, which puts a whole request into the form
 * and may offer an `other` thing to do, a button, instead; and `tell(words)`.
 */
export function filler() {
  const said = element("p", { class: "fill-said", role: "status" });
  let last = values.whole({});
  const given = new Set([last.prompt]);
  let kept = null;
  let instead = null;
  /** A second filling does not push the visitor's own text out. */
  const keep = () => {
    const now = values.now();
    const typed = now.prompt.trim() && !given.has(now.prompt);
    if (typed || (!kept && differ(now, last))) kept = now;
  };
  const put = (request, words, other = null) => {
    instead?.remove();
    instead = other;
    if (other) root.append(other);
    values.put(values.whole(request));
    last = values.now();
    back.hidden = !kept;
    root.style.minHeight = "";
    say(said, words);
  };
  const fill = (request, words, other) => {
    keep();
    given.add(request.prompt);
    put(request, words, other);
  };
  const undo = () => {
    const own = kept;
    kept = null;
    keep();
    put(own, t("fill.is_back"));
    showForm(generateButton());
  };
  const back = button(t("fill.back"), undo, { hidden: true });
  const root = element("div", { class: "fill-line" }, said, back);
  /** Whoever has just pressed something below keeps it under the pointer: the line's room stays until they are elsewhere. */
  const tell = (words) => {
    root.style.minHeight = `${root.offsetHeight}px`;
    say(said, words);
  };
  const leave = () => {
    root.style.minHeight = "";
  };
  // Where the form stands beside all else, nothing of that moves with it.
  const beside = window.matchMedia("(min-width: 861px)");
  document.addEventListener("pointerdown", ({ target }) => beside.matches && !target.closest("#form") && leave());
  promptInput().addEventListener("input", () => {
    leave();
    if (said.textContent === t("fill.cleared")) say(said, "");
  });
  return { root, fill, tell };
}

/**
 * On with the prompt. On a phone the keyboard would cover what has just changed, so the prompt is only shown, and
 * `nearby` has the focus: what was pressed may be hidden by now.
 */
export function showForm(nearby) {
  if (window.matchMedia("(pointer: coarse)").matches) {
    nearby.focus({ preventScroll: true });
    promptInput().scrollIntoView({ block: "center" });
  } else promptInput().focus();
}

function differ(one, other) {
  const [first, second] = [values.whole(one), values.whole(other)];
  return Object.keys(first).some((name) => String(first[name]) !== String(second[name]));
}
