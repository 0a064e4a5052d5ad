// A button that sends a request: it says what that costs at most or, with nothing left, from when it works again.

import { button } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { listen as onFunds, nothingLeft } from "../lib/funds.js";
import { listen as onPrices, priceOf } from "../lib/prices.js";

const onPage = new Map();
const tellAll = () => {
  for (const [made, tell] of onPage) {
    if (made.isConnected) tell();
    else onPage.delete(made);
  }
};
onPrices(tellAll);
onFunds(tellAll);

/**
 * Make one that sends `request` by `press(request, at)`; `paid` is what a picture of the same has cost. For `rest`
 * milliseconds it sends nothing: where it comes, there may be a hand that was at something else.
 */
export function spendButton(words, request, press, { paid = null, rest = 0 } = {}) {
  const price = element("span", { class: "spends" });
  let resting = rest > 0;
  const made = button([words, price].flat(), ({ timeStamp }) => resting || press(request, timeStamp));
  const tell = () => {
    const nothing = nothingLeft();
    const found = nothing ? nothing.when : priceOf(request, { paid });
    say(price, found && ` · ${found}`);
    // Not `disabled`: that would take the focus away, and a press is told why.
    made.setAttribute("aria-disabled", String(resting || nothing !== null));
  };
  tell();
  if (resting) {
    setTimeout(() => {
      resting = false;
      tell();
    }, rest);
  }
  onPage.set(made, tell);
  return made;
}
