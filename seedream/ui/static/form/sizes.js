// The size, chosen by its shape: native radio buttons with drawings, over the dropdown that holds the value. They
// offer what the form offers, and follow the dropdown when something else sets it. Gradio's dropdown tells a
// screen reader too little (gradio issue #10532).

import { mount } from "../gradio/form.js";
import { element, say } from "../lib/elements.js";
import { KILO, shapeField, shapeIcon, shapeWords, sizeOf } from "../lib/shapes.js";
import { has, t } from "../lib/texts.js";
import { radio, radioGroup, wordTile } from "./radios.js";
import * as values from "./values.js";

const MODEL_CHOOSES = "auto";

/** Draw the choice in its place, where the model has shapes to choose from. */
export function offerSizes() {
  const field = shapeField();
  if (!field || field.kind === "fixed") return;
  const sizes = field.choices.map(size).filter(Boolean);
  const shapes = firstOfEach(sizes, "shape").map((each) => [each.shape, shapeTile(each)]);
  const details = firstOfEach(sizes, "detail").map((each) => [each.detail, detailTile(each.detail)]);
  const find = (shape, detail) => sizes.find((each) => each.shape === shape && each.detail === detail);
  const now = () => sizes.find((each) => each.choice === values.now()[field.name]);
  const put = (wanted) => wanted && values.put({ [field.name]: wanted.choice });
  const title = element("span", { id: "sizes-title", class: "choice-title" }, t(`field.${field.name}.label`));
  const use = element("p", { class: "sizes-use" });

  const shapeGroup = radioGroup({ class: "sizes-shapes", "aria-labelledby": title.id }, shapes, (shape) => {
    put(find(shape, now()?.detail) ?? sizes.find((each) => each.shape === shape));
  });
  const detailGroup = radioGroup({ class: "word-tiles", "aria-label": t("size.detail") }, details, (detail) => {
    put(find(now()?.shape, Number(detail)));
  });
  detailGroup.root.hidden = details.length < 2;

  const head = element("div", { class: "choice-head" }, title, detailGroup.root);
  mount("sizes", head, shapeGroup.root, use);
  values.listen(() => {
    const { shape, detail } = now() ?? {};
    shapeGroup.mark(shape);
    detailGroup.mark(detail);
    for (const [each, tile] of details) tile.firstChild.disabled = !find(shape, each);
    say(use, useOf(shape));
  });
}

function size(choice) {
  if (choice === MODEL_CHOOSES) return { choice, shape: MODEL_CHOOSES };
  const found = sizeOf(choice);
  const detail = found?.pixels && Math.round(Math.sqrt(found.pixels) / KILO);
  return found && { shape: MODEL_CHOOSES, ...found, detail };
}

function firstOfEach(sizes, name) {
  return sizes.filter((each, index) => sizes.findIndex((other) => other[name] === each[name]) === index);
}

function shapeTile({ choice, shape, ratio }) {
  const words = shapeWords(choice);
  const input = radio("size-shape", shape, words);
  input.title = useOf(shape);
  const short = element("span", { "aria-hidden": "true" }, ratio ? shape : t("size.auto"));
  return element("label", { class: "size-tile" }, input, shapeIcon(ratio ?? 1), short);
}

function detailTile(detail) {
  const words = has(`size.detail.${detail}`) ? t(`size.detail.${detail}`) : `${detail}K`;
  return wordTile("size-detail", detail, words);
}

function useOf(shape) {
  if (!has(`use.${shape}`)) return "";
  const use = t(`use.${shape}`);
  return shape === MODEL_CHOOSES ? use : t("size.good_for", { use });
}
