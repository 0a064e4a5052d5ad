// What a request costs, and how a button that sends one says so: at most, going by the list price, or by what the same
// has cost before. Samples cost nothing, and where nobody knows the price, nothing is said.

import { modelOf } from "./reference-tokens.js";
import { settings } from "./settings.js";
import { dollars, t } from "./texts.js";

let tell;

/** Promises the list price of a picture in US dollars, by the model's ID; null is unknown, never free. */
export const listPrices = new Promise((resolve) => (tell = resolve));

/** Have `ask()`, which promises `{ usd }`, say the list prices. */
export async function learnPrices(ask) {
  const { usd } = settings.offline ? { usd: {} } : await ask().catch(() => ({ usd: {} }));
  tell(usd);
}

/** How many pictures a request makes, at most. */
export function mostPictures({ sequential_image_generation: series, max_images: most }) {
  return series === "auto" ? Number(most) : 1;
}

/**
 * The price of a request as a button says it, or an empty text: by the list prices `usd`, or where a picture of the same
 * has cost `paid`.
 */
export function priceOf(request, usd, paid = null) {
  const each = paid ?? usd[modelOf(request)];
  if (typeof each !== "number") return "";
  if (settings.price_varies && paid === null) return t("price.least", { price: dollars(each) });
  const price = dollars(each * mostPictures(request));
  return request.sequential_image_generation === "auto" ? t("price.up_to", { price }) : price;
}

/** What a picture of a job has cost; null where that is not known. */
export function paidEach({ cost_usd: cost, outputs }) {
  return !settings.offline && cost > 0 && outputs.length > 0 ? cost / outputs.length : null;
}
