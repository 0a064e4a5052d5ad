// What the large view goes through: from a job's card all pictures, whatever the list below is narrowed down to; else others.

import { takeLargeAway } from "../job/brought.js";
import { placesOf } from "../job/group.js";
import * as jobs from "../job/store.js";
import { bring } from "../job/take-up.js";
import { isLooking } from "./shared-result.js";
import { thumbnail } from "./thumbnails.js";

/** All pictures, the newest job's first; on a page that shows somebody's result, those of the `job` alone. See `makeView`. */
export function everythingFrom(job) {
  const places = () => jobs.all().filter(({ key }) => !isLooking() || key === job.key).flatMap(placesOf);
  return through(places, (key, index) => {
    const tiles = document.querySelectorAll(`.job[data-key="${key}"] .tile`);
    return tiles[index]?.querySelector("button, video") ?? smallPicture(key, index);
  });
}

/** What goes through these `places()`. At the end the focus is where `left(key, index)` says. See `makeView`. */
export function through(places, left) {
  return {
    places,
    thumbnail: ({ job: { key }, index }) => thumbnail(key, index),
    bring: ({ job }) => bring(job),
    leave({ job: { key }, index }) {
      takeLargeAway();
      left(key, index)?.focus();
    },
  };
}

/** A picture among all, by its job's key; null where it is not drawn. */
export function smallPicture(key, index) {
  return document.querySelector(`.history-row[data-key="${key}"] [data-index="${index}"]`);
}
