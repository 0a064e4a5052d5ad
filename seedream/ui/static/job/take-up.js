// Jobs that this browser knows of, taken up again: put on the page, and asked for anew.

import { drawsSamples, listen as onPayer, own as ownPays } from "../lib/payer.js";
import { isAskedFor } from "../shell/kept.js";
import * as jobs from "./store.js";
import { watch } from "./stream.js";
import { isFinal } from "./way-on.js";

// Each asks the API again, and loads its pictures; the others are among all pictures.
const MOST_PUT_BACK = 12;
// Jobs that lacked the visitor's own token go on by themselves when it is there again.
onPayer(() => {
  if (!ownPays()) return;
  for (const job of jobs.shown().filter(({ record }) => record.error?.code === "own_token_needed")) lookAgain(job);
});

/** Take up what this browser left unfinished, and put back what was on the page: the jobs with these keys. */
export function resume(keys = []) {
  const remembered = jobs.remembered();
  // A finished job that needs the visitor's own token would only ask for it, where that is not there.
  const lacks = ({ own, record }) => own && record.ended && !ownPays();
  const mine = remembered.filter((job) => keys.includes(job.key) && !lacks(job));
  const back = new Set(mine.slice(0, MOST_PUT_BACK));
  for (const job of remembered.reverse()) {
    if (isAskedFor(job)) jobs.add(reopened(job));
    else if (back.has(job)) put(job);
  }
  watch();
}

/** Show a job by its request ID alone. */
export function open(requestId, own) {
  const known = jobs.remembered().find((job) => job.record.request_id === requestId);
  if (known) show(known);
  else {
    jobs.add({ own, sample: drawsSamples(), record: { status: "unknown", request_id: requestId } });
    watch();
  }
}

/** Show a job, as it is by now. */
export function show(job) {
  put({ ...latest(job), large: false });
  watch();
}

/** Put a job on the page without a card, for its pictures alone, and return it. */
export function bring(job) {
  const shown = jobs.shown().find(({ key }) => key === job.key);
  if (shown) return shown;
  const brought = jobs.add({ ...reopened(latest(job)), large: true });
  watch();
  return brought;
}

function latest(job) {
  return [...jobs.shown(), ...jobs.remembered()].find(({ key }) => key === job.key) ?? job;
}

/** Ask once more for what has ended without all its pictures. */
export function lookAgain({ key }, number) {
  if (number === undefined) jobs.update(key, "record", (job) => Object.assign(job, reopened(job)));
  else jobs.update(key, "picture", (job) => delete job.pictures[number]);
  watch();
}

/** Put a job on the page. Of what RunComfy never took, nobody else knows how it ended; what may be otherwise is asked for anew. */
function put(job) {
  const { request_id: requestId, error } = job.record;
  jobs.add(requestId && !isFinal(error) ? reopened(job) : job);
}

function reopened(job) {
  return { ...job, looks: job.looks + 1, record: { ...job.record, error: null, ended: false } };
}
