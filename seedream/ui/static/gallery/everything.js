// What the large view goes through from a job's card: all pictures, whatever the list below is narrowed down to.

import { takeLargeAway } from "../job/brought.js";
import { placesOf } from "../job/group.js";
import * as jobs from "../job/store.js";
import { bring } from "../job/take-up.js";
import { isLooking } from "./shared-result.js";
import { thumbnail } from "./thumbnails.js";

/** All pictures, the newest job's first; on a page that shows somebody's result, those of the `job` alone. See `makeView`. */
export function everythingFrom(job) {
  return {
    places: () => jobs.all().filter(({ key }) => !isLooking() || key === job.key).flatMap(placesOf),
    thumbnail: ({ job: { key }, index }) => thumbnail(key, index),
    bring: ({ job: wanted }) => bring(wanted),
    leave({ job: { key }, index }) {
      takeLargeAway();
      const tiles = document.querySelectorAll(`.job[data-key="${key}"] .tile`);
      const small = document.querySelector(`.history-row[data-key="${key}"] [data-index="${index}"]`);
      (tiles[index]?.querySelector("button, video") ?? small)?.focus();
    },
  };
}
