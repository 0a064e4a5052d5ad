// The shapes of pictures: what a value of the schema says of its size, and which others there are.

import { element } from "./elements.js";

// What the model calls 2K has as many pixels as a square of 2048.
const KILO = 1024;

/** The other shapes among `choices`: of each, the size that is nearest in pixels to the request's own. */
export function otherShapes(request, choices) {
  const now = sizeOf(request.resolution);
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

/** What a value of the schema says of its size: `shape` and `ratio`, but where the model chooses, and `pixels`. */
export function sizeOf(choice) {
  const [, width, height, shape] = /^(\d+)x(\d+) \((.+)\)$/.exec(choice) ?? [];
  if (shape) return { choice, shape, ratio: width / height, pixels: width * height };
  const [, kilos] = /^(\d+)K$/.exec(choice) ?? [];
  return kilos ? { choice, pixels: (kilos * KILO) ** 2 } : null;
}

/** A shape, drawn small. */
export function shapeIcon(ratio) {
  return element("span", { class: "shape-icon", "aria-hidden": "true", style: `--ratio: ${ratio}` });
}

function distance(one, other) {
  return Math.abs(one.pixels - other.pixels);
}
