// Money in the visitor's own format, to a tenth of a cent: prices here are that small.

import { language } from "./texts.js";

/** An amount of US dollars in words. */
export function dollars(amount) {
  const format = { style: "currency", currency: "USD", minimumFractionDigits: 2, maximumFractionDigits: 4 };
  return new Intl.NumberFormat(language, format).format(amount);
}
