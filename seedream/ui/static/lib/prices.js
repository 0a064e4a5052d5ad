// What a request costs, and how a button that sends one says so: at most, going by the list price, or by what the same
// has cost before. Samples cost nothing, and where nobody knows the price, nothing is said.

import { drawsSamples, listen as onPayer } from "./payer.js";
import { modelOf } from "./reference-tokens.js";
import { isSeries, mostPictures } from "./series.js";
import { settings } from "./settings.js";
import { dollars, t } from "./texts.js";

const listeners = new Set();
// By the model's ID, in US dollars; null is unknown, never free.
let usd = null;
let learning = 0;

/** Have `ask()`, which promises `{ usd }`, say the list prices, whenever another pays. */
export function learnPrices(ask) {
  const learn = async () => {
    const mine = (learning += 1);
    const answer = drawsSamples() ? {} : await ask().catch(() => ({}));
    if (mine !== learning) return;
    usd = answer.usd ?? {};
    for (const listener of listeners) listener();
  };
  onPayer(learn);
  learn();
}

/** Hear whenever the list prices have come. */
export function listen(listener) {
  listeners.add(listener);
}

/** The list price of a picture in US dollars: null where nobody knows it, `undefined` as long as it is asked for. */
export function listPrice(request) {
  return usd ? usd[modelOf(request)] ?? null : undefined;
}

/**
 * The price of a request as a button says it, or an empty text; `paid`: what a picture of the same has cost; `jobs`: as
 * how many it is sent.
 */
export function priceOf(request, { paid = null, jobs = 1 } = {}) {
  const each = paid ?? listPrice(request);
  if (drawsSamples() || typeof each !== "number") return "";
  if (settings.price_varies && paid === null) return t("price.least", { price: dollars(each * jobs) });
  const price = dollars(each * mostPictures(request) * jobs);
  return isSeries(request) ? t("price.up_to", { price }) : price;
}

/** What a picture of a job has cost; null where that is not known. A sample has cost nothing. */
export function paidEach({ cost_usd: cost, outputs }) {
  return cost > 0 && outputs.length > 0 ? cost / outputs.length : null;
}
