// The jobs of this browser: which are whose is kept here alone, and how they are comes from the server.
//
// A job is remembered before it is sent, under a key made for that very press of the button. Each has an
// entry of its own in localStorage, so that two tabs never overwrite each other.

import { store } from "../lib/store.js";

const PREFIX = "seedream.job.";
const MOST_KEPT = 50;
// Each asks the API again, and loads its pictures; the others are in the history.
const MOST_HUNG_AGAIN = 12;
const REOPEN_MILLISECONDS = 3000;
// How long the server knows a job by its key alone.
const KNOWN_BY_KEY_MILLISECONDS = 60 * 60 * 1000;

/** Names this visit, in this page's memory alone: the server keeps the visitor's own token under it. */
export const visit = crypto.randomUUID();

const jobs = new Map();
const listeners = new Set();
let stream = null;

/** Hear of each change: `(job, change)`: "new", "record", "picture", "connection", "withdrawn" or "forgotten". */
export function listen(listener) {
  listeners.add(listener);
}

/** Remember what is about to be sent, and return it. */
export function intend(request) {
  return add({ key: crypto.randomUUID(), at: Date.now(), request, own: false, record: fresh("submitting") });
}

/** Take in what the server made of it. */
export function accepted(job, { request, own, request_id: requestId }) {
  job.request = request;
  job.own = own;
  job.record = { ...job.record, request_id: requestId };
  keep(job);
}

/** Drop a job that was never sent. */
export function withdraw(job) {
  remove(job.key);
  tell(job, "withdrawn");
}

/** Show a job by its request ID alone. */
export function open(requestId, own) {
  const known = kept().find((job) => job.record.request_id === requestId);
  if (known) return show(known.key);
  add({ key: crypto.randomUUID(), at: Date.now(), request: null, own, record: fresh("in_queue", requestId) });
  return watch();
}

/** Put a remembered job on the wall; its result is fetched anew, where there is one. */
export function show(key) {
  const job = jobs.get(key) ?? kept().find((each) => each.key === key);
  if (!job) return;
  const { record } = job;
  // Of what RunComfy never took, nobody else knows how it ended.
  const known = record.request_id || !record.ended;
  add(known ? { ...job, record: { ...record, error: null, ended: false } } : job);
  watch();
}

/** Put back what hung on the wall. A finished job that needs the visitor's own token would only ask for it again. */
export function hangAgain(keys) {
  const again = new Set(keys);
  const mine = kept().filter(({ key, own, record }) => again.has(key) && !(own && record.ended));
  mine.slice(0, MOST_HUNG_AGAIN).reverse().forEach(({ key }) => show(key));
}

/** Ask once more for what has ended without all its pictures. */
export function lookAgain(job, number) {
  if (number === undefined) job.record = { ...job.record, error: null, ended: false };
  else delete job.pictures[number];
  tell(job, "record");
  watch();
}

/** Forget a job, or all of them, in this browser. At RunComfy nothing changes. */
export function forget(job) {
  remove(job.key);
  tell(job, "forgotten");
}

/** Undo that, and put the job on the wall. */
export function bringBack(job) {
  keep(job);
  show(job.key);
}

export function forgetAll() {
  kept().forEach(forget);
  watch();
}

/** Every job that this browser remembers, the newest first. */
export function kept() {
  const found = [];
  for (const name of Object.keys(store).filter((each) => each.startsWith(PREFIX))) {
    try {
      found.push(JSON.parse(store.getItem(name)));
    } catch {
      store.removeItem(name);
    }
  }
  return found.sort((one, other) => other.at - one.at);
}

/** Take up what this browser left unfinished. */
export function recall() {
  for (const job of kept().reverse()) {
    if (!job.record.ended || mayBeKnown(job)) add({ ...job, record: { ...job.record, error: null, ended: false } });
  }
  watch();
}

/** Watch every unfinished job, over one stream, opened again whenever it is cut. */
export function watch() {
  stream?.close();
  const unfinished = [...jobs.values()].filter((job) => !job.record.ended || !complete(job));
  if (!unfinished.length) {
    stream = null;
    return;
  }
  const named = unfinished.map((job) => [job.key, job.record.request_id, job.own]);
  stream = new EventSource(`atelier/watch?${new URLSearchParams({ visit, jobs: JSON.stringify(named) })}`);
  stream.addEventListener("record", (event) => {
    const { key, record, request } = JSON.parse(event.data);
    change(key, "record", (job) => {
      if (record.status === "in_progress") job.drawingAt ??= Date.now();
      // A server that has never seen the job does not know its request ID; this browser does.
      job.record = { ...record, request_id: record.request_id ?? job.record.request_id };
      job.request ??= request;
      keep(job);
    });
  });
  stream.addEventListener("picture", (event) => {
    const { key, number, ...picture } = JSON.parse(event.data);
    change(key, "picture", (job) => {
      job.pictures[number] = picture;
    });
  });
  stream.addEventListener("done", () => {
    stream.close();
    stream = null;
    // A job that the stream could not follow to its end is asked for once more.
    if ([...jobs.values()].some((job) => !job.record.ended)) setTimeout(watch, REOPEN_MILLISECONDS);
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

function fresh(status, requestId = null) {
  return { status, request_id: requestId, queue_position: null, outputs: [], ended: false, error: null };
}

function add(job) {
  const added = { ...job, pictures: [] };
  jobs.set(added.key, added);
  keep(added);
  forgetOldest();
  tell(added, "new");
  return added;
}

function remove(key) {
  jobs.delete(key);
  store.removeItem(PREFIX + key);
}

function complete(job) {
  return job.record.outputs.every((_, number) => job.pictures[number]);
}

function mayBeKnown(job) {
  const { status, request_id: requestId } = job.record;
  return status === "unknown" && !requestId && Date.now() - job.at < KNOWN_BY_KEY_MILLISECONDS;
}

function connected(now) {
  for (const job of jobs.values()) {
    if (job.record.ended || Boolean(job.lost) === !now) continue;
    job.lost = !now;
    tell(job, "connection");
  }
}

function change(key, what, make) {
  const job = jobs.get(key);
  if (!job) return;
  make(job);
  tell(job, what);
}

function tell(job, what) {
  for (const listener of listeners) listener(job, what);
}

function keep({ key, at, drawingAt, request, own, record }) {
  try {
    store.setItem(PREFIX + key, JSON.stringify({ key, at, drawingAt, request, own, record }));
  } catch {
    // A full store: the job still runs and is shown, it is only not remembered.
  }
}

/** Keep the newest; one that is under way is never dropped. */
function forgetOldest() {
  for (const job of kept().slice(MOST_KEPT)) if (job.record.ended) store.removeItem(PREFIX + job.key);
}
