// Starting points: examples that fill the form and start nothing.

import { button } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { wordsMenu } from "../lib/menu.js";
import { settings } from "../lib/settings.js";
import { shapeIcon, sizeAsked } from "../lib/shapes.js";
import { t } from "../lib/texts.js";
import { startPictures } from "../shell/shell.js";
import { showForm } from "./fill-and-undo.js";

/**
 * The examples as a menu for the form, and as `pictures` for the empty gallery. `fill(request, words)`
 * puts one into the form.
 */
export function examples(fill) {
  const named = settings.examples.map(({ name, settings: chosen }) => ({
    name,
    title: t(`example.${name}.title`),
    request: { ...chosen, prompt: t(`example.${name}.prompt`) },
  }));
  const use = ({ title, request }) => {
    fill(request, t("start.filled", { title }));
    showForm(all.button);
  };
  const face = ({ title, request }) => [shapeIcon(sizeAsked(request)?.ratio ?? 1), title];
  const all = wordsMenu(t("start.title"), named.map((each) => button(face(each), () => use(each))));
  const pictures = startPictures();
  for (const card of pictures.children) {
    const found = named.find(({ name }) => name === card.dataset.start);
    bringToLife(card, found, () => use(found));
  }
  const note = element("p", { class: "start-note" }, pictures.dataset.note && t(pictures.dataset.note));
  return { ...all, pictures: [note, pictures] };
}

/** Give a card of the shell its words, which may be in another language than the server thought, and its press. */
function bringToLife(card, { name, title, request }, use) {
  const [picture, words] = card.children;
  const drawn = picture.firstElementChild;
  const [attribute, alt] = drawn.alt === undefined ? ["aria-label", "start.drawn_alt"] : ["alt", "start.made_alt"];
  drawn.setAttribute(attribute, t(alt));
  say(words, title);
  // Not of the name: read out with each step through them, it would be endless.
  const prompt = element("span", { class: "start-prompt", id: `start-${name}`, "aria-hidden": "true" }, request.prompt);
  card.append(prompt);
  card.setAttribute("aria-describedby", prompt.id);
  card.addEventListener("click", use);
  // The prompt is wider than a narrow picture; it stays within their room, and above the name.
  const place = () => {
    const beyond = card.offsetLeft + prompt.offsetWidth - card.parentElement.offsetWidth;
    card.style.setProperty("--aside", `${Math.min(0, -beyond)}px`);
    card.style.setProperty("--name-height", `${words.offsetHeight}px`);
  };
  card.addEventListener("pointerenter", place);
  card.addEventListener("focus", place);
}
