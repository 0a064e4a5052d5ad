// How a job is, in words and figures.

import { dollars, inARow, sentence, t } from "../lib/texts.js";
import { isShared, isSharedGone, knownPrompt } from "./shared.js";
import { isRefused } from "./way-on.js";

// Every status that a job can have, in the order in which it gets there. A new one is a line here, and its texts in the
// locales: its `words` on the card, which an error's sentence replaces; the tab's `title` while it goes on; what the
// `history` calls it, where it is an end; and whether its pictures are `drawn`, or it is too `late` to take it back.
const STATUSES = {
  submitting: { words: () => t("state.submitting"), title: "notify.waiting" },
  in_queue: { words: inQueue, title: "notify.waiting" },
  in_progress: { words: inProgress, title: "notify.drawing", late: true },
  completed: { words: completed, history: "history.status.completed", drawn: true },
  cancelled: { history: "history.status.cancelled" },
  failed: { history: "history.status.failed" },
  unknown: { history: "history.status.unknown" },
};
const known = (status) => STATUSES[status] ?? STATUSES.unknown;

export function describe(job) {
  const { status, error, ended, request_id: requestId } = job.record;
  if (error && isRefused(error)) return refused(job.record);
  if (isSharedGone(job)) return t("shared.gone");
  if (error) return sentence(error, requestId, job.own);
  if (job.lost && !ended) return t(job.lost);
  if (!ended && !isUnderWay(job.record) && !isDrawn(job.record)) return t("state.looking");
  return known(status).words?.(job) ?? "";
}

/** How jobs are that one press has sent: what goes on, by the one that is farthest; else what is ready. */
export function describeAll(all) {
  const goesOn = all.filter(({ record }) => !record.ended);
  const farthest = Object.keys(STATUSES)
    .map((status) => goesOn.find(({ record }) => record.status === status))
    .findLast(Boolean);
  if (farthest) return describe(farthest);
  const drawn = all.filter(({ record }) => isDrawn(record));
  return drawn.length ? completed(...drawn) : "";
}

/** What was refused, in whose words, and that it cost nothing where that is known. */
function refused({ error: { detail }, cost_usd: cost }) {
  return inARow(t("state.refused"), ...(cost === 0 ? [t("state.refused_free")] : []), t("error.said", { detail }));
}

/** Whether a job's pictures are all made, and are here or on their way. */
export function isDrawn({ status, error }) {
  return Boolean(known(status).drawn && !error);
}

/** Whether a job is known to go on. One that is only asked for anew, or for the first time, may have ended long ago. */
export function isUnderWay({ status, ended }) {
  return !ended && !known(status).history;
}

/** Whether a job can still be taken back. */
export function isCancellable(record) {
  return isUnderWay(record) && Boolean(record.request_id) && !known(record.status).late;
}

export function inHistory({ status }) {
  return t(known(status).history ?? "history.status.under_way");
}

/** What the tab's title says while jobs with these statuses go on: of the one that is farthest. Null if none does. */
export function inTitle(statuses) {
  const farthest = Object.keys(STATUSES).findLast((status) => statuses.includes(status));
  return farthest ? STATUSES[farthest].title : null;
}

/** What a job is called: its prompt, as far as it is known. */
export function promptOf(job) {
  return knownPrompt(job) || t(isShared(job) ? "shared.name" : "job.no_prompt");
}

/**
 * How far drawing is, from 0 to 1, by what such jobs usually take; or null. It nears the end and never claims it: four
 * fifths, when it usually is done.
 */
export function progress({ drawingAt, record }) {
  if (!drawingAt || !record.usually) return null;
  const [low, high] = record.usually;
  const share = (Date.now() - drawingAt) / 1000 / ((low + high) / 2);
  return 1 - Math.exp(-1.6 * Math.max(0, share));
}

/** How long a job took, from its submission to its end. */
export function took({ record: { created_at: from, finished_at: to } }) {
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  return Number.isFinite(seconds) && seconds >= 0 ? t("job.took", { seconds }) : "";
}

/** What a finished job cost, as the API named it. What nobody named is unknown, not free. */
export function cost({ record }, sample) {
  if (!isDrawn(record)) return "";
  if (sample) return t("after.cost_sample");
  if (typeof record.cost_usd !== "number") return t("after.cost_unknown");
  return t("after.cost", { cost: dollars(record.cost_usd) });
}

function inQueue({ record: { queue_position: position } }) {
  if (position === null) return t("state.in_queue");
  return position <= 1 ? t("state.in_queue_next") : t("state.in_queue_at", { position });
}

function inProgress({ record: { usually } }) {
  if (!usually) return t("state.in_progress");
  const [low, high] = usually;
  return inARow(t("state.in_progress"), t("state.usually", { low, high }));
}

function completed(...all) {
  const told = all.flatMap(({ record: { outputs }, pictures }) => outputs.map((_, index) => pictures[index]));
  if (!told.every(Boolean)) return t("state.collecting");
  const [here, total] = [told.filter(({ error }) => !error).length, told.length];
  if (!here) return t("state.completed_elsewhere");
  return here < total ? t("state.completed_partly", { here, total }) : t(isShared(all[0]) ? "shared.completed" : "state.completed", { count: total });
}
