// How a job is, in words and figures.

import { dollars } from "../lib/money.js";
import { inARow, sentence, t } from "../lib/texts.js";

/** The one sentence of a card. */
export function describe(job) {
  const { status, error, queue_position: position, outputs } = job.record;
  if (error) return sentence(error, job.record.request_id);
  if (job.lost && !job.record.ended) return t("state.reconnecting");
  if (status === "in_queue" && position !== null && position <= 1) return t("state.in_queue_next");
  if (status === "in_queue" && position !== null) return t("state.in_queue_at", { position });
  if (status === "in_progress" && job.record.usually) {
    const [low, high] = job.record.usually;
    return inARow(t("state.in_progress"), t("state.usually", { low, high }));
  }
  if (status !== "completed") return t(`state.${status}`);
  return outputs.every((_, index) => job.pictures[index])
    ? t("state.completed", { count: outputs.length })
    : t("state.collecting");
}

/** How far drawing is, from 0 to 1, by what such jobs usually take. It nears the end and never claims it. */
export function progress(job) {
  if (!job.drawingAt || !job.record.usually) return 0;
  const [low, high] = job.record.usually;
  const share = (Date.now() - job.drawingAt) / 1000 / ((low + high) / 2);
  return 1 - Math.exp(-1.6 * share);
}

/** How long a job took, from its submission to its end. */
export function took(job) {
  const { created_at: from, finished_at: to } = job.record;
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  return Number.isFinite(seconds) && seconds >= 0 ? t("job.took", { seconds }) : "";
}

/** What a finished job cost, as the API named it. What nobody named is unknown, not free. */
export function cost({ record }, offline) {
  if (record.status !== "completed" || record.error) return "";
  if (offline) return t("after.cost_sample");
  if (typeof record.cost_usd !== "number") return t("after.cost_unknown");
  return t("after.cost", { cost: dollars(record.cost_usd) });
}
