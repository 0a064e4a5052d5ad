// What a press of the button would cost, at most: an estimate, said beside it before anything is sent.

import * as chosen from "./values.js";
import { element, present, say } from "../lib/elements.js";
import { dollars } from "../lib/money.js";
import { t } from "../lib/texts.js";

/** Keep the line up to date. `ask()` promises what a picture costs, `{ usd }`; null is unknown, never free. */
export async function tellPrice({ offline, ask }) {
  const line = element("p", { class: "price", "aria-live": "polite" });
  (await present("#price")).append(line);
  if (offline) {
    say(line, t("price.free"));
    return;
  }
  const { usd } = await ask().catch(() => ({ usd: null }));
  chosen.listen(() => say(line, estimate(usd)));
}

function estimate(usd) {
  if (typeof usd !== "number") return t("price.unknown");
  const { sequential_image_generation: series, max_images: most } = chosen.now();
  if (series !== "auto") return t("price.single", { price: dollars(usd) });
  const count = Number(most);
  return t("price.series", { count, price: dollars(usd * count), each: dollars(usd) });
}
