// What makes a request one for a series, by the schema's names.

import { fieldOf } from "./settings.js";

export const [SERIES, IN_SERIES, LENGTH] = ["sequential_image_generation", "auto", "max_images"];

export function isSeries(request) {
  return request?.[SERIES] === IN_SERIES;
}

/** The same request for a single picture. */
export function withoutSeries({ [LENGTH]: _, ...request }) {
  return { ...request, [SERIES]: fieldOf(SERIES).default };
}

/** How many pictures a request makes, at most. */
export function mostPictures(request) {
  return isSeries(request) ? Number(request[LENGTH]) || 1 : 1;
}
