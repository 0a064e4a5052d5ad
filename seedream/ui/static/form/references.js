// The pictures that a job starts from: chosen, dropped, pasted, taken by a phone's camera, or named by an address. With
// some there, a press changes them by words, or makes new ones after them; without, nothing here counts.

import { mount, promptInput } from "../gradio/form.js";
import { button } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { wordsMenu } from "../lib/menu.js";
import { isPublicAddress } from "../lib/public-address.js";
import { settings } from "../lib/settings.js";
import { nearestSize, shapeField, sizeAsked } from "../lib/shapes.js";
import { inARow, sentence, t, valueText } from "../lib/texts.js";
import { fit } from "./picture-fit.js";
import { listOfReferences, putReferences } from "./reference-list.js";
import { referencesOf, tokenOfFile } from "../lib/reference-tokens.js";
import * as values from "./values.js";

let worker = null;
let asked = 0;

/**
 * Draw the place for references, if there is a model that takes any, else return null. Return `add(files)`,
 * `pressed()`, to be called when a press has found nothing against them, and `ready()`: while files are on their way in,
 * the promise of why one of them can't go in, or null; else null.
 */
export function offerReferences() {
  if (!settings.edit) return null;
  const said = element("p", { class: "reference-said", role: "status" });
  const unfit = element("p", { class: "reference-unfit", role: "alert" });
  const { add, ready } = adder(said, unfit);
  const list = listOfReferences(said);
  const file = chooser("reference.add", { multiple: true }, add);
  // A finger's device has a camera, or leads to the files.
  const camera = matchMedia("(pointer: coarse)").matches && chooser("reference.camera", { capture: "environment" }, add);
  document.addEventListener("dragenter", startWorker);
  const forgive = () => say(unfit, "");
  const address = addressField(said, forgive);
  const row = element("div", { class: "reference-row" }, file, camera, address.button, address.tray);
  const hint = element("p", { class: "reference-hint" }, t("reference.hint"));
  const room = element("p", { class: "reference-hint", role: "status" });
  mount("references", element("div", { class: "references" }, list, row, hint, room, said, unfit));
  values.listen(() => {
    const count = referencesOf(values.now()).length;
    hint.hidden = count < 2;
    promptInput().placeholder = count ? t("reference.what_change") : "";
  });
  values.listen(() => fitSeries(room));
  document.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files].filter(({ type }) => type.startsWith("image/"));
    if (!files.length) return;
    event.preventDefault();
    add(files);
  });
  return { add, ready, pressed: forgive };
}

/** Shorten a series to what has room beside the references, and say so: most often nobody has chosen its length. */
function fitSeries(said) {
  const left = values.roomInSeries(values.now());
  const most = Number(values.now().max_images);
  say(said, left !== null && most >= left ? t("reference.room", { limit: settings.edit.most_together, left }) : "");
  if (left !== null && most > left) values.put({ max_images: left });
}

/** A button that asks for pictures, and gives them to `take(files)`; `more` is of the browser's own field. */
function chooser(key, more, take) {
  const input = element("input", { type: "file", accept: "image/*", hidden: true, ...more });
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });
  const choose = () => {
    startWorker();
    input.click();
  };
  return element("span", {}, button(t(key), choose), input);
}

/** What takes files in, one after the other; `unfit` is where it stands which can't go in. */
function adder(said, unfit) {
  let taking = null;
  const take = async (files) => {
    const [added, refused] = [[], []];
    say(unfit, "");
    for (const file of files) {
      say(said, t("reference.preparing"));
      const number = referencesOf(values.now()).length + 1;
      const found = beyondMost(number) ?? (await fitted(file));
      if (found.code) {
        refused.push(sentence({ code: found.code, facts: { number, ...found.facts } }));
        continue;
      }
      const { blob, small, width, height, smaller } = found;
      putReferences([...referencesOf(values.now()), tokenOfFile(blob, small)]);
      added.push(t(smaller ? "reference.smaller" : "reference.added", { number, width, height }));
      if (number === 1) added.push(fitShape(width / height));
    }
    say(said, inARow(...added.filter(Boolean)));
    say(unfit, inARow(...refused));
    return refused.length ? inARow(...refused) : null;
  };
  const add = async (files) => {
    const mine = Promise.resolve(taking).then(() => take(files));
    taking = mine;
    await mine;
    if (taking === mine) taking = null;
  };
  return { add, ready: () => taking };
}

/** Put a picture's own shape into the form, or a part of it would be lost; return what to say of it. */
function fitShape(ratio) {
  const field = shapeField();
  const now = sizeAsked(values.now());
  const choice = nearestSize(ratio, now?.pixels);
  if (!choice || choice === now?.choice) return "";
  values.put({ [field.name]: choice });
  return t("reference.shape", { shape: valueText(field.name, choice) });
}

/** Why there can't be a picture of this number; null where there can. */
function beyondMost(number) {
  const limit = settings.edit.most;
  return number > limit ? { code: "references_many", facts: { limit } } : null;
}

/** Start what fits files, as soon as one is about to come. */
function startWorker() {
  if (typeof OffscreenCanvas === "undefined") return;
  worker ??= new Worker(new URL("./picture-worker.js", import.meta.url), { type: "module" });
}

/** Fit a file to go in, without holding up who types. */
async function fitted(file) {
  if (typeof OffscreenCanvas === "undefined") return fit(file, settings.edit);
  startWorker();
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

/** What asks for an address; `added()` hears that one is in the form. */
function addressField(said, added) {
  const input = element("input", { type: "url", class: "text-field", autocomplete: "off", inputmode: "url" });
  const unfit = element("p", { class: "menu-note", role: "alert" });
  const use = (event) => {
    event.preventDefault();
    const [address, tokens] = [input.value.trim(), referencesOf(values.now())];
    const number = tokens.length + 1;
    const refused = isPublicAddress(address) ? beyondMost(number) : { code: "reference_unfit", facts: { number } };
    say(unfit, refused ? sentence(refused) : "");
    if (refused) return;
    input.value = "";
    field.tray.hidePopover();
    putReferences([...tokens, address]);
    added();
    say(said, t("reference.added", { number }));
  };
  const label = element("label", {}, element("span", {}, t("reference.address_label")), input);
  const form = element("form", { class: "reference-address", submit: use }, label, button(t("reference.address_use"), null, { type: "submit" }));
  const field = wordsMenu(t("reference.address"), [form, unfit], "tray");
  return field;
}
