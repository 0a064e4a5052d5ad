// Starting points: examples that fill the form and start nothing.

import { disclosure } from "../lib/buttons.js";
import { element } from "../lib/elements.js";
import { settings } from "../lib/settings.js";
import { shapeIcon, sizeOf } from "../lib/shapes.js";
import { t } from "../lib/texts.js";
import { showForm } from "./fill-and-undo.js";

const MOST_CARDS = 3;

/**
 * The examples as `disclosure` for the form, and some as `cards` for the empty gallery. `fill(request, words)` puts
 * one into the form.
 */
export function examples(fill) {
  const choice = (example) => {
    const attributes = { type: "button", class: "quiet-button", click: () => use(example) };
    return element("button", attributes, icon(example), title(example));
  };
  const { button, panel } = disclosure(t("start.title"), ...settings.examples.map(choice));
  const use = (example) => {
    const words = t("start.filled", { title: title(example) });
    fill({ ...example.settings, prompt: t(`example.${example.name}.prompt`) }, words);
    if (!panel.hidden) button.click();
    showForm(button);
  };
  return { button, panel, cards: cards(use) };
}

function cards(use) {
  const card = (example) =>
    element(
      "button",
      { type: "button", class: "start-card", click: () => use(example) },
      element("span", { class: "start-card-title" }, icon(example), title(example)),
      element("span", { class: "start-card-prompt" }, t(`example.${example.name}.prompt`)),
    );
  return element("div", { class: "start-cards" }, ...settings.examples.slice(0, MOST_CARDS).map(card));
}

function icon({ settings }) {
  return shapeIcon(sizeOf(settings.resolution)?.ratio ?? 1);
}

function title({ name }) {
  return t(`example.${name}.title`);
}
