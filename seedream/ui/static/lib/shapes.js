// The shapes of pictures: what a value of the schema says of its size, and which others there are.

import { element } from "./elements.js";
import { fieldOf, settings } from "./settings.js";
import { valueText } from "./texts.js";

// What the model calls 2K has as many pixels as a square of 2048.
export const KILO = 1024;
// Of a picture whose shape nobody knows yet.
export const USUAL_RATIO = 4 / 3;

/** The other shapes among `choices`: of each, the size that is nearest in pixels to the request's own. */
export function otherShapes(request, choices) {
  const now = sizeAsked(request);
  if (!now) return [];
  const nearest = new Map();
  for (const choice of choices) {
    const size = sizeOf(choice);
    if (!size?.shape || size.shape === now.shape) continue;
    const found = nearest.get(size.shape);
    if (!found || distance(size, now) < distance(found, now)) nearest.set(size.shape, size);
  }
  return [...nearest.values()];
}

/** The field whose values are shapes; undefined where the model has none. */
export function shapeField() {
  return fieldOf(settings.shape_field);
}

/** The value for a picture of this one's shape: what was asked for where that names a shape, else `nearestSize`. */
export function sizeLike(request, { width, height }) {
  const asked = sizeAsked(request);
  return asked?.ratio ? asked.choice : nearestSize(width / height, asked?.pixels ?? width * height);
}

/** The value that is nearest to a shape, and of those to so many pixels. Undefined where the model has no shapes. */
export function nearestSize(ratio, pixels) {
  const sizes = (shapeField()?.choices ?? []).map(sizeOf).filter((size) => size?.ratio);
  const apart = (size) => Math.abs(Math.log(size.ratio / ratio));
  const off = (size) => distance(size, { pixels });
  return sizes.sort((one, other) => apart(one) - apart(other) || off(one) - off(other))[0]?.choice;
}

/** What a request says of its pictures' size, as `sizeOf`. */
export function sizeAsked(request) {
  return sizeOf(request?.[settings.shape_field]);
}

/**
 * What a value of the schema says of its size: `shape` and `ratio`, but where the model chooses, and `pixels`, but
 * where another field says how many.
 */
export function sizeOf(choice) {
  const [, width, height, named] = /^(\d+)x(\d+)(?: \((.+)\))?$/.exec(choice) ?? [];
  if (height) return { choice, shape: named ?? choice, ratio: width / height, pixels: width * height };
  const [, wide, high] = /^(\d+):(\d+)$/.exec(choice) ?? [];
  if (high) return { choice, shape: choice, ratio: wide / high };
  const [, kilos] = /^(\d+)K$/.exec(choice) ?? [];
  return kilos ? { choice, pixels: (kilos * KILO) ** 2 } : null;
}

/** A shape in words: "Landscape 4:3" of "Landscape 4:3 · 2304x1728". */
export function shapeWords(choice) {
  return valueText(settings.shape_field, choice).split(" · ")[0];
}

/** A shape, drawn small. */
export function shapeIcon(ratio) {
  return element("span", { class: "shape-icon", "aria-hidden": "true", style: `--ratio: ${ratio}` });
}

function distance(one, other) {
  return Math.abs((one.pixels ?? 0) - (other.pixels ?? 0));
}
