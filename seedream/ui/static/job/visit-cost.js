// What the jobs have cost that were sent from this tab since it was opened, as their records say.

import { isSample } from "../lib/payer.js";
import { storage } from "../lib/store.js";
import { dollars, t } from "../lib/texts.js";
import { isDrawn } from "./status-text.js";
import * as jobs from "./store.js";

const NAME = "seedream.visit";
const kept = storage("sessionStorage");
const listeners = new Set();
// By job, in US dollars; null where it has pictures and nobody said.
const costs = new Map(before());

function before() {
  try {
    return Object.entries(JSON.parse(kept?.getItem(NAME)) ?? {});
  } catch {
    return [];
  }
}

/** Count a job from now on. */
export function count(job) {
  if (!isSample(job)) note(job, 0);
}

/** Hear whenever it has become more. */
export function listen(listener) {
  listeners.add(listener);
}

/** The sum in words; an empty text where nothing has cost anything. */
export function visitCost() {
  const known = [...costs.values()];
  const sum = known.reduce((all, each) => all + (each ?? 0), 0);
  const unsaid = known.includes(null);
  if (!sum && !unsaid) return "";
  return t(unsaid ? "visit.cost_least" : "visit.cost", { cost: dollars(sum) });
}

function note({ key }, cost) {
  if (costs.get(key) === cost) return;
  costs.set(key, cost);
  try {
    kept?.setItem(NAME, JSON.stringify(Object.fromEntries(costs)));
  } catch {
    // A full store: it is known as long as the page is open.
  }
  for (const listener of listeners) listener();
}

jobs.listen((job, change) => {
  const { cost_usd: cost, ended } = job.record;
  if (change === "record" && ended && costs.has(job.key)) note(job, cost ?? (isDrawn(job.record) ? null : 0));
});
