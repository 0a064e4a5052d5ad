// Starting points: examples that fill the form and start nothing. What the visitor had typed can be brought back.

import * as chosen from "./chosen.js";
import { disclosure } from "./disclosure.js";
import { element, present, say } from "./elements.js";
import { sizeOf } from "./shapes.js";
import { t } from "./texts.js";

const ON_THE_WALL = 3;

/** The examples as `disclosure` for the form, `line` that says what happened, and `cards` for the empty wall. */
export function startingPoints({ examples, fields }) {
  const onWith = () => goOn(button);
  const line = makeLine(examples, fields, onWith);
  const choice = (example) => {
    const attributes = { type: "button", class: "quiet-button", click: () => use(example) };
    return element("button", attributes, icon(example), title(example));
  };
  const { button, panel } = disclosure(t("start.title"), ...examples.map(choice));
  const use = (example) => {
    line.keep();
    chosen.putAll({ ...example.settings, prompt: prompt(example) });
    line.tell(t("start.filled", { title: title(example) }));
    if (!panel.hidden) button.click();
    onWith();
  };
  return { button, panel, line: line.root, cards: () => cards(examples, use) };
}

/** The line below the prompt: what is in the form now, and the way back to what was. */
function makeLine(examples, fields, onWith) {
  const given = new Set([fields.find(({ name }) => name === "prompt").default, ...examples.map(prompt)]);
  const said = element("p", { class: "start-said", role: "status" });
  let kept = null;
  const back = element("button", { type: "button", class: "quiet-button", hidden: true }, t("start.back"));
  const keep = () => {
    const now = chosen.now();
    kept = now.prompt.trim() && !given.has(now.prompt) ? now : kept;
    back.hidden = !kept;
  };
  back.addEventListener("click", () => {
    const mine = kept;
    kept = null;
    keep();
    chosen.put(mine);
    say(said, t("start.is_back"));
    onWith();
  });
  // From then on it is no longer so that nothing was sent.
  present("#generate").then((generate) => generate.addEventListener("click", () => say(said, "")));
  return { root: element("div", { class: "start-line" }, said, back), keep, tell: (text) => say(said, text) };
}

function cards(examples, use) {
  const card = (example) =>
    element(
      "button",
      { type: "button", class: "start-card", click: () => use(example) },
      element("span", { class: "start-card-title" }, icon(example), title(example)),
      element("span", { class: "start-card-prompt" }, prompt(example)),
    );
  return element("div", { class: "start-cards" }, ...examples.slice(0, ON_THE_WALL).map(card));
}

function icon({ settings }) {
  const drawing = element("span", { class: "shape-icon", "aria-hidden": "true" });
  drawing.style.setProperty("--ratio", sizeOf(settings.resolution)?.ratio ?? 1);
  return drawing;
}

function title({ name }) {
  return t(`example.${name}.title`);
}

function prompt({ name }) {
  return t(`example.${name}.prompt`);
}

/**
 * On with the prompt. On a phone the keyboard would cover what has just changed, so the prompt is only shown, and
 * `nearby` has the focus: what was pressed may be hidden by now.
 */
function goOn(nearby) {
  const input = document.querySelector("#field-prompt textarea");
  if (window.matchMedia("(pointer: coarse)").matches) {
    nearby.focus({ preventScroll: true });
    input.scrollIntoView({ block: "center" });
  } else input.focus();
}
