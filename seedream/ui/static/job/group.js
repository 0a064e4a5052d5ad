// Jobs that stand together under one heading: alternatives, which one press has sent, each by itself; and a chain, which
// is a picture and what was changed from it.

import { isSample } from "../lib/payer.js";
import { dollars, t } from "../lib/texts.js";
import { parentOf } from "./changed-from.js";
import { isDrawn, isUnderWay } from "./status-text.js";

/** The order of the jobs of a group. */
export function byPlace(one, other) {
  return (one.group?.number ?? 0) - (other.group?.number ?? 0);
}

/** Which of how many a picture is, of its job or, where the job has it alone, of the job's group: `{ number, count }`. */
export function placeOf({ group }, index, count) {
  return group && count === 1 ? { number: group.number, count: group.count } : { number: index + 1, count };
}

/** Where a job's pictures are, as places, `{ job, index }`. */
export function placesOf(job) {
  return isDrawn(job.record) ? job.record.outputs.map((_, index) => ({ job, index })) : [];
}

/**
 * Jobs in lists by the name of what stands together: alternatives, and what was changed from them; all others alone. In
 * the order of each list's first.
 */
export function together(all) {
  const made = new Map(all.map((job) => [job.record.request_id, job]));
  const nameOf = (job) => {
    const parent = made.get(parentOf(job));
    // What claims to come from a later one is none of this page's doing.
    return parent?.at < job.at ? nameOf(parent) : job.group?.id ?? job.key;
  };
  const lists = new Map();
  for (const job of all) {
    const name = nameOf(job);
    lists.set(name, [...(lists.get(name) ?? []), job]);
  }
  return lists;
}

/** What is said of jobs together: how many, what they cost, and of one press how long they took, or take by now. */
export function groupFacts(members) {
  const [{ group }] = members;
  const onePress = members.every((each) => each.group && each.group.id === group?.id);
  const count = members.flatMap(placesOf).length;
  if (onePress) return [t("how_many.alternatives", { count: members.length }), costOf(members), timeOf(members)].filter(Boolean);
  return [count && t("history.pictures", { count }), costOf(members)].filter(Boolean);
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
  const goesOn = members.some(({ record }) => isUnderWay(record));
  const times = (name) => members.map(({ record }) => Date.parse(record[name])).filter(Number.isFinite);
  const from = Math.min(...(goesOn ? members.map(({ at }) => at) : times("created_at")));
  const to = goesOn ? Date.now() : Math.max(...times("finished_at"));
  const seconds = Math.round((to - from) / 1000);
  return Number.isFinite(seconds) && seconds >= 0 ? t("job.took", { seconds }) : "";
}
