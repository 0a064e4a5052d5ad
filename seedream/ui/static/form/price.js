// What a press of the button would cost, at most: an estimate, said beside it before anything is sent.

import { mount } from "../gradio/form.js";
import { element, say } from "../lib/elements.js";
import { settings } from "../lib/settings.js";
import { dollars, t } from "../lib/texts.js";
import { modelOf } from "../lib/reference-tokens.js";
import * as values from "./values.js";

/** Keep the line up to date. `ask()` promises what a picture costs, `{ usd }` by model; null is unknown, never free. */
export async function tellPrice(ask) {
  const line = element("p", { class: "price", "aria-live": "polite" });
  mount("price", line);
  if (settings.offline) {
    say(line, t("price.free"));
    return;
  }
  const { usd } = await ask().catch(() => ({ usd: {} }));
  values.listen(() => say(line, estimate(usd[modelOf(values.now())])));
}

function estimate(usd) {
  if (typeof usd !== "number") return t("price.unknown");
  if (settings.price_varies) return t("price.from", { price: dollars(usd) });
  const { sequential_image_generation: series, max_images: most } = values.now();
  if (series !== "auto") return t("price.single", { price: dollars(usd) });
  const count = Number(most);
  return t("price.series", { count, price: dollars(usd * count), each: dollars(usd) });
}
