// How many pictures a press makes: so many alternatives of one prompt, each a job of its own, or where the model has it,
// a series, which is one job.

import { mount } from "../gradio/form.js";
import { element } from "../lib/elements.js";
import { IN_SERIES, LENGTH, SERIES } from "../lib/series.js";
import { fieldOf, settings } from "../lib/settings.js";
import { number, t, valueText } from "../lib/texts.js";
import { held } from "./kinds.js";
import { radioGroup, wordTile } from "./radios.js";
import * as values from "./values.js";

// The lengths of a series of which nobody has said how long it is to be, by preference. A script gets the schema's.
const USUAL_LENGTHS = [4, 3, 2];

/** Draw the choice in its place, where there is one. */
export function offerHowMany() {
  const field = fieldOf(SERIES);
  const [single, ...kinds] = kindsOf(field);
  const counts = settings.alternatives.map((count) => [String(count), countTile(count)]);
  const tiles = [...counts, ...kinds.map((kind) => [kind, wordTile("how-many", kind, valueText(SERIES, kind))])];
  if (tiles.length < 2) return;
  const choose = (wished) => {
    const kind = kinds.includes(wished) ? wished : single;
    values.put({ ...(field && { [SERIES]: kind }), ...(kind === IN_SERIES && lengthOfSeries()) });
    values.setAlternatives(kind === single ? Number(wished) : 1);
  };
  const title = element("span", { id: "how-many-title", class: "choice-title" }, t(`field.${SERIES}.label`));
  const attributes = { class: "word-tiles", "aria-labelledby": title.id };
  const group = radioGroup(attributes, tiles, choose);
  mount("how-many", element("div", { class: "choice-head" }, title, group.root));
  values.listen(() => {
    const kind = values.now()[SERIES];
    group.mark(kinds.includes(kind) ? kind : String(values.alternatives()));
  });
}

/** The values of the schema's field that are on offer, first that of no series. */
function kindsOf(field) {
  const several = fieldOf(LENGTH) && held(fieldOf(LENGTH), 2) !== undefined;
  const kinds = (field?.choices ?? []).filter((kind) => kind !== IN_SERIES || several);
  return kinds.sort((one, other) => (one === IN_SERIES) - (other === IN_SERIES));
}

/** How long a series is to be: as it was set on the page, or where that is still the default, a short one. */
function lengthOfSeries() {
  const field = fieldOf(LENGTH);
  if (values.now()[LENGTH] !== field.default) return {};
  return { [LENGTH]: USUAL_LENGTHS.find((length) => held(field, length) !== undefined) };
}

function countTile(count) {
  const words = count === 1 ? t(`value.${SERIES}.disabled`) : t("how_many.alternatives", { count });
  return wordTile("how-many", count, words, number(count));
}
