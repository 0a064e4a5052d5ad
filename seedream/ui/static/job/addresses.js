// The addresses of a job's pictures at this page's server. They hold no longer once its secret is another one; the
// stream brings new ones.

import * as jobs from "./store.js";
import { lookAgain } from "./take-up.js";

const LONGEST_WAIT = 30_000;
// What a new address did not mend, another one won't.
const ONCE_IN_MILLISECONDS = 60_000;

const renewing = new Map();
const lastTried = new Map();

jobs.listen(({ key, record, pictures }, change) => {
  if (change === "picture" && record.outputs.every((_, number) => pictures[number])) renewing.get(key)?.arrived();
});

/** Ask for new addresses of all pictures of a job, and wait until they are here, or won't come. */
function renew(key) {
  if (!renewing.has(key)) {
    let arrived;
    const all = new Promise((resolve) => (arrived = resolve));
    const soon = new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT));
    renewing.set(key, { arrived, done: Promise.race([all, soon]).then(() => renewing.delete(key)) });
    jobs.update(key, "picture", (job) => {
      job.pictures = [];
    });
    lookAgain({ key }, 0);
  }
  return renewing.get(key).done;
}

/** See to it that a picture that could not be shown has an address that holds. */
export function renewIfNeeded(job, index) {
  if (Date.now() - (lastTried.get(job.key) ?? 0) < ONCE_IN_MILLISECONDS) return;
  lastTried.set(job.key, Date.now());
  answered(job, ({ pictures }) => pictures[index]?.original, { method: "HEAD" });
}

/** The job as it is now; one that is no longer shown is as it was. */
export function current(job) {
  return jobs.shown().find(({ key }) => key === job.key) ?? job;
}

/** Ask for what `address(job)` names, with new addresses if need be, and return the answer; null if none came. */
export async function answered(job, address, options) {
  const ask = () => fetch(address(current(job)), options).catch(() => null);
  const answer = await ask();
  if (answer?.status !== 404) return answer;
  await renew(job.key);
  return address(current(job)) ? ask() : null;
}
