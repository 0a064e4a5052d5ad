// The references in the form as numbered pictures: seen large, put in another order by hand or by buttons, and removed.

import { promptInput } from "../gradio/form.js";
import { button } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { referencesOf, signedOf, smallAt, visibleAt } from "../lib/reference-tokens.js";
import { settings } from "../lib/settings.js";
import { t } from "../lib/texts.js";
import * as values from "./values.js";

/** Put the form's references, in order. */
export function putReferences(tokens) {
  values.put({ [settings.edit.field]: tokens });
}

/** The list, drawn anew when they change; `said` is where a sentence goes. */
export function listOfReferences(said) {
  const list = element("ol", { class: "reference-list", "aria-label": t("reference.title") });
  let drawn = "";
  let dragged = null;
  /** Put them in this order. What was pressed may be elsewhere by then, or gone: the focus stays where the hand is. */
  const change = (changed, focus) => {
    putReferences(changed);
    (list.children[Math.min(focus, changed.length - 1)]?.querySelector("button") ?? promptInput()).focus();
  };
  const does = {
    said,
    remove: (index) => change(tokens().toSpliced(index, 1), index),
    move(from, to) {
      change(tokens().toSpliced(from, 1).toSpliced(to, 0, tokens()[from]), to);
      say(said, t("reference.moved", { number: to + 1 }));
    },
  };
  const indexOf = ({ target }) => [...list.children].indexOf(target.closest(".reference-item"));
  list.addEventListener("dragstart", (event) => {
    dragged = indexOf(event);
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragend", () => (dragged = null));
  list.addEventListener("dragover", (event) => dragged !== null && event.preventDefault());
  list.addEventListener("drop", (event) => {
    const to = indexOf(event);
    if (dragged === null || to < 0) return;
    event.preventDefault();
    if (to !== dragged) does.move(dragged, to);
  });
  values.listen(() => {
    const now = tokens();
    if (drawn === JSON.stringify(now)) return;
    drawn = JSON.stringify(now);
    list.hidden = !now.length;
    // What was said of others; whoever changes them says so after this.
    say(said, "");
    list.replaceChildren(...now.map((token, index) => item(token, index, { count: now.length, ...does })));
  });
  return list;
}

function tokens() {
  return referencesOf(values.now());
}

function item(token, index, { count, said, move, remove }) {
  const number = index + 1;
  // Not itself dragged: what is, is its place in the list.
  const image = element("img", { alt: t("reference.number", { number }), referrerpolicy: "no-referrer", draggable: "false" });
  image.addEventListener("error", () => {
    const unseen = signedOf(token) ? "reference.unseen_result" : "reference.unseen";
    say(said, t(unseen, { number }));
  });
  smallAt(token).then((address) => {
    if (address) image.src = address;
    else say(said, t("reference.gone"));
  });
  const open = { type: "button", class: "reference-open", "aria-label": t("reference.open", { number }) };
  const tool = (sign, key, click, shown = true) =>
    shown && button(sign, click, { class: "reference-tool", "aria-label": t(key, { number }), title: t(key, { number }) });
  return element(
    "li",
    { class: "reference-item", draggable: "true" },
    element("button", { ...open, click: () => large(token, image.alt) }, image),
    element("span", { class: "reference-number", "aria-hidden": "true" }, String(number)),
    element(
      "span",
      { class: "reference-tools" },
      tool("←", "reference.earlier", () => move(index, index - 1), index > 0),
      tool("→", "reference.later", () => move(index, index + 1), index < count - 1),
      tool("×", "reference.remove", () => remove(index)),
    ),
  );
}

/** Show a reference as large as fits. */
async function large(token, alt) {
  const close = button(t("view.close"), () => dialog.close());
  const picture = element("img", { alt, referrerpolicy: "no-referrer" });
  const dialog = element("dialog", { class: "reference-large", "aria-label": alt, close: () => dialog.remove() }, picture, close);
  document.body.append(dialog);
  dialog.showModal();
  picture.src = (await visibleAt(token)) ?? "";
}
