// The jobs of this browser: which are whose is kept here alone. How they are, the server tells (stream.js).
//
// A job is remembered before it is sent, under a key made for that very press of the button. Each has an
// entry of its own in localStorage, so that two tabs never overwrite each other.

import { newKey } from "../lib/keys.js";
import { store } from "../lib/store.js";

const PREFIX = "seedream.job.";
const MOST_KEPT = 50;

const onPage = new Map();
const listeners = new Set();

/** Hear of each change: `(job, change)`: "new", "record", "picture", "connection" or "removed". */
export function listen(listener) {
  listeners.add(listener);
}

export function shown() {
  return [...onPage.values()];
}

/** Every job that this browser remembers, the newest first. */
export function remembered() {
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

/** Remember a job and show it on the page. What is not said of it is as for one that was asked for just now. */
export function add(job) {
  const record = { request_id: null, queue_position: null, outputs: [], ended: false, error: null, ...job.record };
  const added = { key: newKey(), at: Date.now(), request: null, own: false, ...job, record, pictures: [] };
  onPage.set(added.key, added);
  keep(added);
  // Only the newest are kept; one that is under way is never dropped.
  for (const old of remembered().slice(MOST_KEPT)) if (old.record.ended) store.removeItem(PREFIX + old.key);
  tell(added, "new");
  return added;
}

/** Let `apply(job)` make a change to a job that is still on the page. */
export function update(key, change, apply) {
  const job = onPage.get(key);
  if (!job) return;
  apply(job);
  if (change === "record") keep(job);
  tell(job, change);
}

/** Forget a job in this browser: at RunComfy nothing changes. */
export function forget(job) {
  onPage.delete(job.key);
  store.removeItem(PREFIX + job.key);
  tell(job, "removed");
}

function tell(job, change) {
  for (const listener of listeners) listener(job, change);
}

function keep({ key, at, drawingAt, request, own, record }) {
  try {
    store.setItem(PREFIX + key, JSON.stringify({ key, at, drawingAt, request, own, record }));
  } catch {
    // A full store: the job still runs and is shown, it is only not remembered.
  }
}
