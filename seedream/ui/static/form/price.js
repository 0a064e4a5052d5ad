// What a press of the button would cost, at most: on the button itself, before anything is sent, and under it, by what
// that is reckoned.

import { mount, priceOnGenerate } from "../gradio/form.js";
import { element, say } from "../lib/elements.js";
import { listPrices, mostPictures, priceOf } from "../lib/prices.js";
import { modelOf } from "../lib/reference-tokens.js";
import { settings } from "../lib/settings.js";
import { dollars, t } from "../lib/texts.js";
import * as values from "./values.js";

/** Keep the button and the line under it up to date. */
export async function tellPrice() {
  const line = element("p", { class: "price", "aria-live": "polite" });
  mount("price", line);
  if (settings.offline) {
    say(line, t("price.free"));
    return;
  }
  const usd = await listPrices;
  values.listen(() => {
    const request = values.now();
    priceOnGenerate(priceOf(request, usd));
    say(line, reckoning(request, usd[modelOf(request)]));
  });
}

function reckoning(request, usd) {
  if (typeof usd !== "number") return t("price.unknown");
  if (settings.price_varies) return t("price.varies");
  const count = mostPictures(request);
  return count > 1 ? t("price.series", { count, each: dollars(usd) }) : t("price.single");
}
