// How jobs are, as the server tells it: one event stream for all that are not done, opened again whenever it is cut.

import { serverEvents } from "../lib/server-events.js";
import { listen as onPayer, own as ownPays, payer } from "../lib/payer.js";
import * as jobs from "./store.js";

const [FIRST_REOPEN_MILLISECONDS, LONGEST_REOPEN_MILLISECONDS] = [1000, 30_000];
// Each asks the API again, and loads its pictures; the others are in the history.
const MOST_PUT_BACK = 12;
// How long the server knows a job by its key alone.
const KNOWN_BY_KEY_MILLISECONDS = 60 * 60 * 1000;

let reading = null;
let reopening = 0;
let failures = 0;

const hear = {
  open() {
    failures = 0;
    connected(true);
  },
  record({ key, record, request }) {
    jobs.update(key, "record", (job) => {
      if (record.status === "in_progress") job.drawingAt ??= Date.now();
      // A server that has never seen the job does not know its request ID; this browser does.
      job.record = { ...record, request_id: record.request_id ?? job.record.request_id };
      job.request ??= request;
    });
  },
  picture({ key, number, ...picture }) {
    jobs.update(key, "picture", (job) => {
      job.pictures[number] = picture;
    });
  },
};

/** Watch every unfinished job. */
export function watch() {
  reading?.abort();
  reading = null;
  clearTimeout(reopening);
  const unfinished = jobs.shown().filter((job) => !job.record.ended || !complete(job));
  if (!unfinished.length) return;
  reading = new AbortController();
  read(unfinished.map((job) => [job.key, job.record.request_id, job.own]), reading);
}

/** Read one stream to its end. Cut, or left with jobs that it could not follow, it is opened anew. */
async function read(named, mine) {
  let done = false;
  try {
    for await (const { name, data } of serverEvents("atelier/watch", { jobs: named, seal: payer().seal }, mine.signal)) {
      done ||= name === "done";
      hear[name]?.(data);
    }
  } catch {
    // Lost: what it was for is asked again.
  }
  if (mine.signal.aborted) return;
  if (!done) connected(false);
  if (done && jobs.shown().every((job) => job.record.ended)) return;
  const wait = Math.min(FIRST_REOPEN_MILLISECONDS * 2 ** failures, LONGEST_REOPEN_MILLISECONDS);
  failures += 1;
  reopening = setTimeout(watch, wait);
}

/** Ask at once when the network is back, or the page is looked at again. */
function hurry() {
  if (failures && !document.hidden) watch();
}
addEventListener("online", hurry);
addEventListener("pageshow", hurry);
document.addEventListener("visibilitychange", hurry);

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
