// The other shapes of a picture, each a press away: it sends the same request in that shape.

import { element } from "../lib/elements.js";
import { wordsMenu } from "../lib/menu.js";
import { paidEach } from "../lib/prices.js";
import { settings } from "../lib/settings.js";
import { otherShapes, shapeField, shapeIcon } from "../lib/shapes.js";
import { t, valueText } from "../lib/texts.js";
import { spendButton } from "./spend-button.js";

/**
 * What offers them for a `request` that has cost what its `record` says, by `press(request, at)`; as a list, empty where
 * there are none.
 */
export function shapeMenu(request, record, press) {
  const { name, choices } = shapeField() ?? { choices: [] };
  const others = otherShapes(request, choices);
  if (!others.length) return [];
  const note = element("p", { class: "menu-note" }, t("after.shape_note"));
  // Where the price depends on settings, another shape may have another one.
  const paid = settings.price_varies ? null : paidEach(record);
  const each = others.map(({ choice, ratio }) => {
    const words = [shapeIcon(ratio), valueText(name, choice)];
    return spendButton(words, { ...request, [name]: choice }, press, { paid });
  });
  const { button, tray } = wordsMenu(t("after.shape"), [note, ...each]);
  return [button, tray];
}
