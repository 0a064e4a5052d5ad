// Alternatives: jobs of one press, each submitted by itself, that stand together under one heading.

import { isSample } from "../lib/payer.js";
import { dollars, t } from "../lib/texts.js";
import { isDrawn } from "./status-text.js";

/** The order of the jobs of a group. */
export function byPlace(one, other) {
  return (one.group?.number ?? 0) - (other.group?.number ?? 0);
}

/** Which of how many a picture is, of its job or, where the job has it alone, of the job's group: `{ number, count }`. */
export function placeOf({ group }, index, count) {
  return group && count === 1 ? { number: group.number, count: group.count } : { number: index + 1, count };
}

/** What has a `job`, in lists: those of one group together, all others alone, in the order of each list's first. */
export function together(all) {
  const lists = new Map();
  for (const each of all) {
    const { key, group } = each.job;
    const name = group?.id ?? key;
    lists.set(name, [...(lists.get(name) ?? []), each]);
  }
  return [...lists.values()];
}

/** What is said of the jobs of a group together: how many, what they cost, and how long they took, or take by now. */
export function groupFacts(members) {
  return [t("how_many.alternatives", { count: members.length }), costOf(members), timeOf(members)].filter(Boolean);
}

/** What those have cost that are done; nothing as long as that is not known of each. */
function costOf(members) {
  const drawn = members.map(({ record }) => record).filter(isDrawn);
  if (!drawn.length) return "";
  if (isSample(members[0])) return t("after.cost_sample");
  const costs = drawn.map(({ cost_usd: cost }) => cost);
  return costs.every(Number.isFinite) ? dollars(costs.reduce((sum, cost) => sum + cost, 0)) : "";
}

/** By one clock: the browser's while one of them goes on, then the API's. */
function timeOf(members) {
  const goesOn = members.some(({ record }) => !record.ended);
  const times = (name) => members.map(({ record }) => Date.parse(record[name])).filter(Number.isFinite);
  const from = Math.min(...(goesOn ? members.map(({ at }) => at) : times("created_at")));
  const to = goesOn ? Date.now() : Math.max(...times("finished_at"));
  const seconds = Math.round((to - from) / 1000);
  return Number.isFinite(seconds) && seconds >= 0 ? t("job.took", { seconds }) : "";
}
