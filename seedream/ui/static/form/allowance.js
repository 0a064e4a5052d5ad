// How many pictures the visitor may still make, where the page's owner counts them.

import { mount } from "../gradio/form.js";
import { element, say } from "../lib/elements.js";
import { t } from "../lib/texts.js";

const line = element("p", { class: "allowance", role: "status", hidden: true });

/** Put the line in its place, and return what brings it up to date; `ask()` promises the server's answer. */
export function tellAllowance(ask) {
  mount("allowance", line);
  return async () => {
    const { pictures, again_in_seconds: seconds } = await ask().catch(() => ({}));
    line.hidden = pictures === undefined;
    if (pictures > 0) say(line, t("allowance.left", { count: pictures }));
    else if (pictures === 0) say(line, t("allowance.none", { minutes: Math.ceil((seconds ?? 0) / 60) }));
  };
}
