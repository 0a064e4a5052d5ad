// What is said of fields in text: those that have one value only, of which there is nothing to choose; what the catalogue
// says of those that no locale file knows, foreign words and therefore text, whatever they hold; and which don't count, as
// the model that references go to has none of that name.

import { describeField, markField, mount } from "../gradio/form.js";
import { element, say } from "../lib/elements.js";
import { referencesOf } from "../lib/reference-tokens.js";
import { LENGTH } from "../lib/series.js";
import { settings } from "../lib/settings.js";
import { sizeOf } from "../lib/shapes.js";
import { has, t, valueText } from "../lib/texts.js";
import * as values from "./values.js";

/** Put the words under the fields, and those of the fields that are nothing but words in their place. */
export function describeFields() {
  const fixed = settings.fields.filter(({ kind }) => kind === "fixed");
  // A series of one is none, and not on offer.
  const told = fixed.filter(({ name }) => name !== LENGTH);
  if (told.length) mount("fixed", ...told.map(inWords));
  const drawn = settings.fields.filter((field) => !fixed.includes(field));
  for (const { name, description } of drawn.filter((field) => field.description)) {
    describeField(name, element("p", { class: "field-description", id: `description-${name}` }, description));
  }
  const lacking = settings.edit ? drawn.filter(({ name }) => !settings.edit.fields.includes(name)) : [];
  lacking.forEach(tellWhetherItCounts);
}

function inWords({ name, default: only, description }) {
  const info = `field.${name}.info`;
  const told = t("fixed.line", { field: t(`field.${name}.label`), value: valueText(name, only) });
  // What is said of sizes is for those with which the model chooses the shape.
  const why = description ?? (has(info) && !sizeOf(only)?.ratio && t(info));
  return element("div", { class: "fixed-field" }, element("p", {}, told), why && element("p", { class: "field-description" }, why));
}

async function tellWhetherItCounts({ name }) {
  const words = element("p", { class: "field-said", id: `not-counting-${name}`, role: "status" });
  await describeField(name, words);
  values.listen(() => {
    const counts = !referencesOf(values.now()).length;
    // Not hidden: what describes a field is read out all the same.
    say(words, counts ? "" : t("reference.not_counting"));
    markField(name, counts);
  });
}
