// Choices as tiles: native radio buttons, each covering the words or the drawing that stand for it.

import { element } from "../lib/elements.js";

/** A group of `tiles`, `[value, tile]`: its `root`, and `mark(value)`, which is chosen. `choose(value)` hears of a choice. */
export function radioGroup(attributes, tiles, choose) {
  const root = element("div", { role: "radiogroup", ...attributes }, ...tiles.map(([, tile]) => tile));
  root.addEventListener("change", ({ target }) => choose(target.value));
  const mark = (chosen) => {
    for (const [value, { firstChild: radio }] of tiles) radio.checked = value === chosen;
  };
  return { root, mark };
}

/** The button of a tile: of the group called `name`, with its `words` for who can't see the tile. */
export function radio(name, value, words) {
  return element("input", { type: "radio", name, value, autocomplete: "off", "aria-label": words });
}

/** A tile with a word on it, or with a `short` one. */
export function wordTile(name, value, words, short = words) {
  return element("label", { class: "word-tile" }, radio(name, value, words), short);
}
