// The pictures that a job starts from: chosen, dropped, pasted, taken by a phone's camera, or named by an address. With
// some there, a press changes them by words, or makes new ones after them; without, nothing here counts.

import { mount, promptInput } from "../gradio/form.js";
import { button, disclosure } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { isPublicAddress } from "../lib/public-address.js";
import { settings } from "../lib/settings.js";
import { inARow, sentence, t } from "../lib/texts.js";
import { fit } from "./picture-fit.js";
import { referencesOf, signedOf, tokenOfFile, visibleAt } from "../lib/reference-tokens.js";
import * as values from "./values.js";

let worker = null;
let asked = 0;

/** Draw the place for references, if there is a model that takes any; return `add(files)`, or null. */
export function offerReferences() {
  if (!settings.edit) return null;
  const said = element("p", { class: "reference-said", role: "status" });
  const add = adder(said);
  const list = listOf(said);
  const input = element("input", { type: "file", accept: "image/*", multiple: true, hidden: true });
  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  const address = addressField(said);
  const row = element("div", { class: "reference-row" }, button(t("reference.add"), () => input.click()), address.button);
  const hint = element("p", { class: "reference-hint" }, t("reference.hint"));
  mount("references", element("div", { class: "references" }, list, row, address.panel, hint, said, input));
  values.listen(() => {
    const some = referencesOf(values.now()).length > 0;
    hint.hidden = !some;
    promptInput().placeholder = some ? t("reference.what_change") : "";
  });
  document.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files].filter(({ type }) => type.startsWith("image/"));
    if (!files.length) return;
    event.preventDefault();
    add(files);
  });
  return add;
}

/** Put the form's references, in order. */
export function putReferences(tokens) {
  values.put({ [settings.edit.field]: tokens });
}

/** Returns what takes files in, one after the other. */
function adder(said) {
  return async (files) => {
    say(said, t("reference.preparing"));
    const sentences = [];
    for (const file of files) {
      const tokens = referencesOf(values.now());
      const number = tokens.length + 1;
      const found = beyondMost(number) ?? (await fitted(file));
      if (found.code) {
        sentences.push(sentence({ code: found.code, facts: { number, ...found.facts } }));
        continue;
      }
      const { blob, width, height, smaller } = found;
      const token = await tokenOfFile(blob, { name: file.name, width, height });
      putReferences([...referencesOf(values.now()), token]);
      sentences.push(t(smaller ? "reference.smaller" : "reference.added", { number, width, height }));
    }
    say(said, inARow(...sentences));
  };
}

/** Why there can't be a picture of this number; null where there can. */
function beyondMost(number) {
  const limit = settings.edit.most;
  return number > limit ? { code: "references_many", facts: { limit } } : null;
}

/** Fit a file to go in, without holding up who types. */
async function fitted(file) {
  if (typeof OffscreenCanvas === "undefined") return fit(file, settings.edit);
  worker ??= new Worker(new URL("./picture-worker.js", import.meta.url), { type: "module" });
  asked += 1;
  const number = asked;
  return new Promise((resolve) => {
    const hear = ({ data }) => {
      if (data.number !== number) return;
      worker.removeEventListener("message", hear);
      resolve(data.found);
    };
    worker.addEventListener("message", hear);
    worker.postMessage({ number, file, limits: { ...settings.edit } });
  });
}

function addressField(said) {
  const input = element("input", { type: "url", class: "text-field", autocomplete: "off", inputmode: "url" });
  const use = (event) => {
    event.preventDefault();
    const [address, tokens] = [input.value.trim(), referencesOf(values.now())];
    const number = tokens.length + 1;
    const refused = isPublicAddress(address) ? beyondMost(number) : { code: "reference_unfit", facts: { number } };
    if (refused) {
      say(said, sentence(refused));
      return;
    }
    input.value = "";
    putReferences([...tokens, address]);
    say(said, t("reference.added", { number }));
  };
  const label = element("label", {}, element("span", {}, t("reference.address_label")), input);
  const form = element("form", { class: "reference-address", submit: use }, label, button(t("reference.address_use"), null, { type: "submit" }));
  return disclosure(t("reference.address"), form);
}

/** The references as a list of numbered pictures, drawn anew when they change. */
function listOf(said) {
  const list = element("ol", { class: "reference-list", "aria-label": t("reference.title") });
  let drawn = "";
  values.listen(() => {
    const tokens = referencesOf(values.now());
    if (drawn === JSON.stringify(tokens)) return;
    drawn = JSON.stringify(tokens);
    list.hidden = !tokens.length;
    list.replaceChildren(...tokens.map((token, index) => item(token, index, tokens, { list, said })));
  });
  return list;
}

function item(token, index, tokens, { list, said }) {
  const number = index + 1;
  const image = element("img", { alt: t("reference.number", { number }), referrerpolicy: "no-referrer" });
  image.addEventListener("error", () => {
    const unseen = signedOf(token) ? "reference.unseen_result" : "reference.unseen";
    say(said, t(unseen, { number }));
  });
  visibleAt(token).then((address) => {
    if (address) image.src = address;
    else say(said, t("reference.gone"));
  });
  // What was pressed may be elsewhere by then, or gone: the focus stays where the hand is.
  const change = (changed, focus) => {
    putReferences(changed);
    (list.children[Math.min(focus, changed.length - 1)]?.querySelector("button") ?? promptInput()).focus();
  };
  const move = (by) => {
    const moved = tokens.toSpliced(index, 1).toSpliced(index + by, 0, token);
    change(moved, index + by);
    say(said, t("reference.moved", { number: number + by }));
  };
  const tool = (sign, key, click, shown = true) =>
    shown && button(sign, click, { class: "reference-tool", "aria-label": t(key, { number }), title: t(key, { number }) });
  return element(
    "li",
    { class: "reference-item" },
    element("button", { type: "button", class: "reference-open", "aria-label": t("reference.open", { number }), click: () => large(image) }, image),
    element("span", { class: "reference-number", "aria-hidden": "true" }, String(number)),
    element(
      "span",
      { class: "reference-tools" },
      tool("←", "reference.earlier", () => move(-1), index > 0),
      tool("→", "reference.later", () => move(1), index < tokens.length - 1),
      tool("×", "reference.remove", () => change(tokens.toSpliced(index, 1), index)),
    ),
  );
}

/** Show a reference as large as fits. */
function large(image) {
  const close = button(t("view.close"), () => dialog.close());
  const picture = element("img", { src: image.src, alt: image.alt, referrerpolicy: "no-referrer" });
  const dialog = element("dialog", { class: "reference-large", "aria-label": image.alt, close: () => dialog.remove() }, picture, close);
  document.body.append(dialog);
  dialog.showModal();
}
