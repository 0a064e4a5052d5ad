// Two pictures, one over the other, with a line between: a hand moves it in the picture, or hand and keys by a slider.

import { referencesOf, visibleAt } from "../lib/reference-tokens.js";
import { button } from "../lib/buttons.js";
import { element } from "../lib/elements.js";
import { t } from "../lib/texts.js";

const HALF = 50;

/** What compares a picture in the large view's `frame` with the one that it was changed from: as `makeOver`, and `show(job)`. */
export function makeCompare(frame) {
  const { lay, ...over } = makeOver(frame, { words: t("compare.title"), name: t("compare.slider") });
  let now = null;
  async function show(job) {
    now = job;
    lay(null);
    const [first] = referencesOf(job.request);
    const address = first && (await visibleAt(first));
    // Another picture may be shown by then.
    if (address && now === job) lay(address);
  }
  return { ...over, show };
}

/**
 * What lays another picture over the one in a `frame`: a `button` with these `words` for whether it is seen, which `turned(on)`
 * hears of, the `slider` with this `name` for how much, and `lay(address)`, null for none.
 */
export function makeOver(frame, { words, name, turned = () => {} }) {
  const earlier = element("img", { class: "view-earlier", alt: "", referrerpolicy: "no-referrer", hidden: true });
  const slider = element("input", { type: "range", class: "view-slider", min: 0, max: 100, "aria-label": name, hidden: true });
  const line = element("div", { class: "view-line", hidden: true });
  const over = [earlier, line];
  const part = (value) => {
    slider.value = value;
    over.forEach(({ style }) => style.setProperty("--part", `${slider.value}%`));
  };
  slider.addEventListener("input", () => part(slider.value));
  const take = ({ clientX }) => {
    const { left, width } = line.getBoundingClientRect();
    part(((clientX - left) / width) * 100);
  };
  line.addEventListener("pointerdown", (event) => {
    // Not to turn to a neighbour.
    event.stopPropagation();
    line.setPointerCapture(event.pointerId);
    take(event);
  });
  line.addEventListener("pointermove", (event) => line.hasPointerCapture(event.pointerId) && take(event));
  const set = (on) => {
    slider.hidden = !on;
    const ratio = frame.querySelector(".view-picture")?.style.getPropertyValue("--ratio");
    for (const each of over) {
      each.hidden = !on;
      each.style.setProperty("--ratio", ratio);
    }
    toggle.setAttribute("aria-pressed", String(on));
    turned(on);
    if (!on) return;
    part(HALF);
    slider.focus();
  };
  const toggle = button(words, () => set(earlier.hidden), { "aria-pressed": "false", hidden: true });
  function lay(address) {
    set(false);
    toggle.hidden = !address;
    over.forEach((each) => each.remove());
    if (!address) return;
    earlier.src = address;
    frame.append(...over);
  }
  return { button: toggle, slider, lay };
}
