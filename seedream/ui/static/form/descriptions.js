// What is said under fields: what the catalogue says of those that no locale file knows, foreign words and therefore
// text, whatever they hold; and which don't count, as the model that references go to has none of that name.

import { describeField, markField } from "../gradio/form.js";
import { element, say } from "../lib/elements.js";
import { referencesOf } from "../lib/reference-tokens.js";
import { settings } from "../lib/settings.js";
import { t } from "../lib/texts.js";
import * as values from "./values.js";

/** Put the words under the fields. */
export function describeFields() {
  for (const { name, description } of settings.fields.filter((field) => field.description)) {
    describeField(name, element("p", { class: "field-description", id: `description-${name}` }, description));
  }
  const lacking = settings.edit ? settings.fields.filter(({ name }) => !settings.edit.fields.includes(name)) : [];
  lacking.forEach(tellWhetherItCounts);
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
