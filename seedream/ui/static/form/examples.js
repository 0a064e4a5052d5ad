// Starting points: examples that fill the form and start nothing.

import { button, disclosure } from "../lib/buttons.js";
import { element } from "../lib/elements.js";
import { settings } from "../lib/settings.js";
import { shapeIcon, sizeAsked } from "../lib/shapes.js";
import { t } from "../lib/texts.js";
import { showForm } from "./fill-and-undo.js";

const MOST_CARDS = 3;

/**
 * The examples as a disclosure for the form, and some as `cards` for the empty gallery. `fill(request, words)` puts
 * one into the form.
 */
export function examples(fill) {
  const named = settings.examples.map(({ name, settings: chosen }) => ({
    title: t(`example.${name}.title`),
    request: { ...chosen, prompt: t(`example.${name}.prompt`) },
  }));
  const use = ({ title, request }) => {
    fill(request, t("start.filled", { title }));
    if (!all.panel.hidden) all.button.click();
    showForm(all.button);
  };
  const face = ({ title, request }) => [shapeIcon(sizeAsked(request)?.ratio ?? 1), title];
  const all = disclosure(t("start.title"), ...named.map((each) => button(face(each), () => use(each))));
  const cards = named.slice(0, MOST_CARDS).map((each) => {
    const title = element("span", { class: "start-card-title" }, ...face(each));
    const prompt = element("span", { class: "start-card-prompt" }, each.request.prompt);
    return element("button", { type: "button", class: "start-card", click: () => use(each) }, title, prompt);
  });
  return { ...all, cards: element("div", { class: "start-cards" }, ...cards) };
}
