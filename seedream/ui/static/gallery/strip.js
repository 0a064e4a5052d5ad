// All pictures that the large view goes through, small and in a row, the one that is shown marked. Of however many, only
// those near what is seen of the row are on the page.

import { arrange, element } from "../lib/elements.js";
import { t } from "../lib/texts.js";
import { thumbnail } from "./thumbnails.js";

// As much as one takes of the row, in CSS pixels, as the style sheet has it; and how many more than are seen are drawn
// on each side.
const STEP = 60;
const MORE = 6;

/** The row's `root`, and `show(places, at)`, which brings that one into its middle. `go(place)` hears which is pressed. */
export function makeStrip(go) {
  const row = element("div", { class: "strip-row" });
  const root = element("div", { class: "view-strip", role: "group", "aria-label": t("view.strip"), scroll: () => draw() }, row);
  let places = [];
  let at = -1;
  let drawn = new Map();

  /** A row that stands is scrolled down, one that lies to the side. */
  function seen() {
    const lies = root.clientWidth > root.clientHeight;
    return lies ? { from: root.scrollLeft, size: root.clientWidth } : { from: root.scrollTop, size: root.clientHeight };
  }

  function draw() {
    const { from, size } = seen();
    const [first, last] = [Math.floor(from / STEP) - MORE, Math.ceil((from + size) / STEP) + MORE];
    const near = [...places.keys()].filter((number) => (number >= first && number < last) || number === at);
    drawn = new Map(near.map((number) => [number, fitting(number) ?? item(number)]));
    arrange(row, [...drawn.values()]);
    for (const [number, each] of drawn) {
      // The arrow keys go from one to the next everywhere in the large view.
      each.tabIndex = number === at ? 0 : -1;
      each.setAttribute("aria-current", String(number === at));
    }
  }

  /** What is drawn at a place already, if it is of the same picture, as small as that is here by now. */
  function fitting(number) {
    const made = drawn.get(number);
    return made?.dataset.of === look(number) ? made : null;
  }

  function look(number) {
    const { job, index } = places[number];
    return [job.key, index, places.length, Boolean(thumbnail(job.key, index)?.blob)].join("/");
  }

  function item(number) {
    const { job, index } = places[number];
    const url = thumbnail(job.key, index)?.url;
    return element(
      "button",
      {
        type: "button",
        class: "strip-item",
        style: `--at: ${number}`,
        "data-of": look(number),
        "aria-label": t("view.place", { number: number + 1, count: places.length }),
        click: () => go(places[number]),
      },
      url && element("img", { src: url, alt: "", decoding: "async", draggable: "false" }),
    );
  }

  function show(all, shown) {
    const moved = all.length !== places.length || shown !== at;
    const had = row.contains(document.activeElement);
    [places, at] = [all, shown];
    root.hidden = places.length < 2;
    if (root.hidden) return;
    row.style.setProperty("--count", places.length);
    const middle = at * STEP + STEP / 2 - seen().size / 2;
    if (moved) root.scrollTo(middle, middle);
    draw();
    if (had) drawn.get(at)?.focus({ preventScroll: true });
  }

  return { root, show };
}
