// The jobs of this browser: which are whose is kept here alone. How they are, the server tells (stream.js).
//
// A job is remembered before it is sent, under a key made for that very press of the button. Each has an
// entry of its own in localStorage. Whatever a tab writes there, and hears from another, it first joins with what is
// known already (entries.js): so no tab overwrites what another one knows.

import { newKey } from "../lib/keys.js";
import { isSpare, remember, store } from "../lib/store.js";
import { JOB as PREFIX } from "../shell/kept.js";
import { entryOf, forgotten, merged, parsed, withRequestId } from "./entries.js";
import { byPlace } from "./group.js";
import { isStarred } from "./stars.js";

// Set anew whenever all is forgotten: other tabs may show what is no longer kept.
const ALL_FORGOTTEN = "seedream.forgotten";
const MOST_KEPT = 500;
// A browser without room for those drops the older ones, but none of these.
const LEAST_KEPT = 50;
const MOST_FORGOTTEN = 200;

const onPage = new Map();
const listeners = new Set();
const elsewhere = new Set();
// What this tab has written, or made of what it heard, by key: of two tabs that write at once, one is overwritten.
const known = new Map();
let lastForgotten = store.getItem(ALL_FORGOTTEN);

/** Hear of each change of a job on the page: `(job, change)`: "new", "record", "picture", "connection" or "removed". */
export function listen(listener) {
  listeners.add(listener);
}

export function unlisten(listener) {
  listeners.delete(listener);
}

/** Hear whenever another tab has changed what is remembered. */
export function listenElsewhere(listener) {
  elsewhere.add(listener);
}

export function shown() {
  return [...onPage.values()];
}

/** Every job that this browser remembers, the newest first. */
export function remembered() {
  return entries().filter((entry) => !entry.forgotten);
}

/** Every job that this page shows or this browser remembers, once, the newest first. */
export function all() {
  return [...new Map([...shown(), ...remembered()].map((job) => [job.key, job])).values()].sort(newestFirst);
}

/** Remember a job and show it on the page. What is not said of it is as for one that was asked for just now. */
export function add(job) {
  const record = { request_id: null, queue_position: null, outputs: [], ended: false, error: null, ...job.record };
  const unsaid = { drawingAt: null, request: null, own: false, sample: null, group: null, looks: 0 };
  const usual = { key: newKey(), at: Date.now(), ...unsaid };
  const added = { ...usual, ...job, record, pictures: [] };
  const before = latest(added.key);
  // Who asks for what was forgotten brings it back.
  added.life = before?.forgotten ? before.life + 1 : before?.life ?? 0;
  onPage.set(added.key, added);
  keep(added);
  // Only the newest are kept; one that is under way is never dropped.
  for (const old of remembered().slice(MOST_KEPT).filter(mayGo)) store.removeItem(PREFIX + old.key);
  tell(added, "new");
  return added;
}

/** Let `apply(job)` make a change to a job that is still on the page. */
export function update(key, change, apply) {
  const job = onPage.get(key);
  if (!job) return;
  apply(job);
  job.record = withRequestId(job.record);
  if (change === "record" && keep(job).forgotten) remove(job);
  else tell(job, change);
}

/** Take a job off the page. It is remembered as before. */
export function takeAway({ key }) {
  const job = onPage.get(key);
  if (job) remove(job);
}

/** Forget a job in this browser: at RunComfy nothing changes. */
export function forget(job) {
  const entry = forgotten(latest(job.key) ?? job, Date.now());
  // First, so that a full store has room for what is left of it.
  store.removeItem(PREFIX + job.key);
  learn(entry);
  for (const old of entries().filter((entry) => entry.forgotten).slice(MOST_FORGOTTEN)) store.removeItem(PREFIX + old.key);
  remove(job);
}

/** Remember a job again as it was when it was forgotten. It is not put on the page. */
export function bringBack(job) {
  learn(entryOf({ ...job, life: (latest(job.key) ?? job).life + 1 }));
}

/** Forget every job, also what is shown and no longer kept, here and in other tabs. */
export function forgetAll() {
  all().forEach(forget);
  lastForgotten = newKey();
  write(ALL_FORGOTTEN, lastForgotten);
}

/** Take in what other tabs have written while this one heard of nothing, as a page that was left and is come back to. */
export function catchUp() {
  if (lastForgotten !== store.getItem(ALL_FORGOTTEN)) forgetUnkept();
  for (const { key } of shown()) hear(key, store.getItem(PREFIX + key));
}

addEventListener("storage", ({ key: name, newValue }) => {
  // Two tabs that draw the same jobs otherwise would hear of each other for ever.
  if (isSpare(name)) return;
  if (name === ALL_FORGOTTEN) forgetUnkept();
  else if (name?.startsWith(PREFIX)) hear(name.slice(PREFIX.length), newValue);
  elsewhere.forEach((listener) => listener());
});

function hear(key, text) {
  const heard = text && parsed(text, key);
  if (!heard) return;
  // This tab may know more; of what it never had to do with, it only takes note.
  const entry = known.has(key) ? learn(heard) : heard;
  const job = onPage.get(key);
  if (job && entry.forgotten) remove(job);
  else if (job && JSON.stringify(entry) !== JSON.stringify(entryOf(job))) tell(Object.assign(job, entry), "record");
}

/** All was forgotten in another tab, which knew nothing of what this one shows and the browser no longer keeps. */
function forgetUnkept() {
  lastForgotten = store.getItem(ALL_FORGOTTEN);
  for (const job of shown()) if (job.record.ended && store.getItem(PREFIX + job.key) === null) remove(job);
}

function remove(job) {
  onPage.delete(job.key);
  tell(job, "removed");
}

function tell(job, change) {
  for (const listener of listeners) listener(job, change);
}

/** Remember a job, and take from what is known of it what its page does not know. */
function keep(job) {
  const entry = learn(entryOf(job));
  if (!entry.forgotten) {
    const { request, own, sample, group, record } = entry;
    const known = withRequestId({ ...job.record, request_id: record.request_id });
    Object.assign(job, { request, own, sample, group, record: known });
  }
  return entry;
}

/** Join an entry with what is known, remember what that makes, and return it. */
function learn(entry) {
  const joined = merged(latest(entry.key), entry);
  known.set(entry.key, joined);
  if (stored(entry.key) !== undefined) write(PREFIX + entry.key, JSON.stringify(joined));
  return joined;
}

function latest(key) {
  return merged(stored(key), known.get(key)) ?? null;
}

function stored(key) {
  const text = store.getItem(PREFIX + key);
  return text === null ? null : parsed(text, key);
}

/** In a full store the job is not remembered: it still runs and is shown, and the page says so. */
function write(name, text) {
  if (store.getItem(name) !== text) remember(name, text, dropOldest);
}

function dropOldest() {
  const old = remembered().slice(LEAST_KEPT).findLast(mayGo);
  if (old) store.removeItem(PREFIX + old.key);
  return Boolean(old);
}

function mayGo({ key, record }) {
  return record.ended && !isStarred(key);
}

/** All entries, the newest first, those of a group in its order. What is none is removed. */
function entries() {
  const found = [];
  for (const name of Object.keys(store).filter((each) => each.startsWith(PREFIX))) {
    const entry = parsed(store.getItem(name), name.slice(PREFIX.length));
    if (entry) found.push(entry);
    else if (entry === null) store.removeItem(name);
  }
  return found.sort(newestFirst);
}

function newestFirst(one, other) {
  return other.at - one.at || byPlace(one, other);
}
