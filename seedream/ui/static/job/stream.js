// How jobs are, as the server tells it: one event stream for all that are not done, opened again whenever it is cut.

import * as jobs from "./store.js";

const REOPEN_MILLISECONDS = 3000;
// Each asks the API again, and loads its pictures; the others are in the history.
const MOST_PUT_BACK = 12;
// How long the server knows a job by its key alone.
const KNOWN_BY_KEY_MILLISECONDS = 60 * 60 * 1000;

/** Names this visit, in this page's memory alone: the server keeps the visitor's own token under it. */
export const visit = crypto.randomUUID();

let stream = null;

/** Watch every unfinished job. */
export function watch() {
  stream?.close();
  stream = null;
  const unfinished = jobs.shown().filter((job) => !job.record.ended || !complete(job));
  if (!unfinished.length) return;
  const named = unfinished.map((job) => [job.key, job.record.request_id, job.own]);
  stream = new EventSource(`atelier/watch?${new URLSearchParams({ visit, jobs: JSON.stringify(named) })}`);
  stream.addEventListener("record", ({ data }) => {
    const { key, record, request } = JSON.parse(data);
    jobs.update(key, "record", (job) => {
      if (record.status === "in_progress") job.drawingAt ??= Date.now();
      // A server that has never seen the job does not know its request ID; this browser does.
      job.record = { ...record, request_id: record.request_id ?? job.record.request_id };
      job.request ??= request;
    });
  });
  stream.addEventListener("picture", ({ data }) => {
    const { key, number, ...picture } = JSON.parse(data);
    jobs.update(key, "picture", (job) => {
      job.pictures[number] = picture;
    });
  });
  stream.addEventListener("done", () => {
    stream.close();
    stream = null;
    // A job that the stream could not follow to its end is asked for once more.
    if (jobs.shown().some((job) => !job.record.ended)) setTimeout(watch, REOPEN_MILLISECONDS);
  });
  stream.addEventListener("open", () => connected(true));
  stream.addEventListener("error", () => {
    connected(false);
    // Opened anew from here: by itself, the browser would ask with the list as it was before the request IDs
    // were known, and after a proxy's error page not at all.
    stream?.close();
    setTimeout(watch, REOPEN_MILLISECONDS);
  });
}

/** Take up what this browser left unfinished, and put back what was on the page: the jobs with these keys. */
export function resume(keys = []) {
  const remembered = jobs.remembered();
  // A finished job that needs the visitor's own token would only ask for it again.
  const mine = remembered.filter(({ key, own, record }) => keys.includes(key) && !(own && record.ended));
  const back = new Set(mine.slice(0, MOST_PUT_BACK));
  for (const job of remembered.reverse()) {
    if (!job.record.ended || mayBeKnown(job)) jobs.add(reopened(job));
    else if (back.has(job)) put(job);
  }
  watch();
}

/** Show a job by its request ID alone. */
export function open(requestId, own) {
  const known = jobs.remembered().find((job) => job.record.request_id === requestId);
  if (known) show(known);
  else {
    jobs.add({ own, record: { status: "in_queue", request_id: requestId } });
    watch();
  }
}

/** Show a job, as it is by now. */
export function show(job) {
  put([...jobs.shown(), ...jobs.remembered()].find(({ key }) => key === job.key) ?? job);
  watch();
}

/** Ask once more for what has ended without all its pictures. */
export function lookAgain({ key }, number) {
  if (number === undefined) jobs.update(key, "record", (job) => Object.assign(job, reopened(job)));
  else jobs.update(key, "picture", (job) => delete job.pictures[number]);
  watch();
}

/** Put a job on the page. Of what RunComfy never took, nobody else knows how it ended; all else is asked for anew. */
function put(job) {
  jobs.add(job.record.request_id ? reopened(job) : job);
}

function reopened(job) {
  return { ...job, record: { ...job.record, error: null, ended: false } };
}

function complete(job) {
  return job.record.outputs.every((_, number) => job.pictures[number]);
}

function mayBeKnown(job) {
  const { status, request_id: requestId } = job.record;
  return status === "unknown" && !requestId && Date.now() - job.at < KNOWN_BY_KEY_MILLISECONDS;
}

function connected(now) {
  for (const { key, record, lost } of jobs.shown()) {
    if (record.ended || Boolean(lost) !== now) continue;
    jobs.update(key, "connection", (job) => {
      job.lost = !now;
    });
  }
}
