// What a press of the button would cost, at most: on the button itself, before anything is sent, and under it, by what
// that is reckoned, and what this visit has cost.

import { mount, tellOnGenerate } from "../gradio/form.js";
import { listen as onVisit, visitCost } from "../job/visit-cost.js";
import { element, say } from "../lib/elements.js";
import { listen as onFunds, nothingLeft } from "../lib/funds.js";
import { drawsSamples, listen as onPayer } from "../lib/payer.js";
import { listen as onPrices, listPrice, priceOf } from "../lib/prices.js";
import { mostPictures } from "../lib/series.js";
import { settings } from "../lib/settings.js";
import { dollars, t } from "../lib/texts.js";
import * as values from "./values.js";

/** Keep the button and the line under it up to date. */
export function tellPrice() {
  const line = element("p", { class: "price", "aria-live": "polite" });
  const visit = element("p", { class: "visit-cost" });
  mount("price", line, visit);
  const tell = () => {
    const request = values.now();
    const jobs = values.alternatives();
    const nothing = nothingLeft();
    tellOnGenerate(press(request, jobs), nothing ? nothing.when : priceOf(request, { jobs }), nothing !== null);
    say(line, reckoning(request, jobs));
    line.hidden = drawsSamples();
    say(visit, visitCost());
    visit.hidden = !visit.textContent;
  };
  for (const listen of [values.listen, onPrices, onPayer, onFunds, onVisit]) listen(tell);
  tell();
}

/** What a press does, in words: a series that was chosen earlier may be out of sight. */
function press(request, jobs) {
  if (jobs > 1) return t("form.generate_several", { count: jobs });
  const count = mostPictures(request);
  return count > 1 ? t("form.generate_series", { count }) : t("form.generate");
}

/** By what the button's sum is reckoned; nothing of a single picture, whose price is the sum. */
function reckoning(request, jobs) {
  const usd = listPrice(request);
  if (usd === undefined) return "";
  if (usd === null) return t("price.unknown");
  if (settings.price_varies) return t("price.varies");
  if (jobs > 1) return t("price.alternatives", { count: jobs, each: dollars(usd) });
  const count = mostPictures(request);
  return count > 1 ? t("price.series", { count, each: dollars(usd) }) : "";
}
