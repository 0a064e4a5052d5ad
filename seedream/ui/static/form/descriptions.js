// What the catalogue says of fields that no locale file knows: foreign words, and therefore text, whatever they hold.

import { describeField } from "../gradio/form.js";
import { element } from "../lib/elements.js";
import { settings } from "../lib/settings.js";

/** Put the words under the fields. */
export function describeFields() {
  for (const { name, description } of settings.fields.filter((field) => field.description)) {
    describeField(name, element("p", { class: "field-description", id: `description-${name}` }, description));
  }
}
