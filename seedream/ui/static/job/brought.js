// Pictures that something is made of: brought to this page without cards, and waited for.

import * as jobs from "./store.js";
import { bring } from "./take-up.js";

// Since the last of them came.
const PATIENCE_MILLISECONDS = 30_000;

/**
 * Bring the pictures at these places, `{ job, index }`, and wait for them. Return the places with each job as it is then:
 * of some, no picture may have come.
 */
export function brought(places) {
  const here = places.map(({ job, index }) => ({ job: bring(job), index }));
  return new Promise((resolve) => {
    let timer = 0;
    const end = () => {
      clearTimeout(timer);
      jobs.unlisten(look);
      resolve(here);
    };
    const look = () => {
      clearTimeout(timer);
      if (here.every(isSettled)) end();
      else timer = setTimeout(end, PATIENCE_MILLISECONDS);
    };
    jobs.listen(look);
    look();
  });
}

/** What was on the page for its pictures alone is needed no more. */
export function takeLargeAway() {
  for (const each of jobs.shown()) if (each.large) jobs.takeAway(each);
}

function isSettled({ job, index }) {
  return job.pictures[index] || job.record.error;
}
