// A picture and the one that it was changed from, one over the other, with a slider between: by hand or by keys.

import { referencesOf, visibleAt } from "../lib/reference-tokens.js";
import { button } from "../lib/buttons.js";
import { element } from "../lib/elements.js";
import { t } from "../lib/texts.js";

const HALF = 50;

/** What compares in the large view's `frame`: a `button`, the `slider`, and `show(job)` for the picture that is there. */
export function makeCompare(frame) {
  const earlier = element("img", { class: "view-earlier", alt: "", referrerpolicy: "no-referrer", hidden: true });
  const slider = element("input", { type: "range", class: "view-slider", min: 0, max: 100, "aria-label": t("compare.slider"), hidden: true });
  slider.addEventListener("input", () => earlier.style.setProperty("--part", `${slider.value}%`));
  const set = (on) => {
    earlier.hidden = slider.hidden = !on;
    toggle.setAttribute("aria-pressed", String(on));
    if (!on) return;
    slider.value = HALF;
    earlier.style.setProperty("--part", `${HALF}%`);
    const ratio = frame.querySelector(".view-picture")?.style.getPropertyValue("--ratio");
    earlier.style.setProperty("--ratio", ratio);
    slider.focus();
  };
  const toggle = button(t("compare.title"), () => set(earlier.hidden), { "aria-pressed": "false", hidden: true });
  let now = null;
  async function show(job) {
    now = job;
    set(false);
    toggle.hidden = true;
    earlier.remove();
    const [first] = referencesOf(job.request);
    const address = first && (await visibleAt(first));
    // Another picture may be shown by then.
    if (!address || now !== job) return;
    earlier.src = address;
    frame.append(earlier);
    toggle.hidden = false;
  }
  return { button: toggle, slider, show };
}
