// What a job was asked for and what came of it, in short words for one line.

import { isSample } from "../lib/payer.js";
import { settings } from "../lib/settings.js";
import { shapeWords, sizeAsked } from "../lib/shapes.js";
import { dollars, language, t, valueText } from "../lib/texts.js";
import { isShared } from "./shared.js";
import { inHistory } from "./status-text.js";

/** Of a job among all pictures: when, how it is, how many, in which shape and format, and what it cost. */
export function factsOfJob(job) {
  const { request } = job;
  const names = new Set([settings.shape_field, "resolution", "output_format"]);
  const values = [...names].filter((name) => request?.[name]).map((name) => valueText(name, request[name]));
  return [when(job), inHistory(job.record), count(job), ...values, cost(job)].filter(Boolean);
}

/** Beside one of its pictures, which tells pixels and format itself: in which shape, of how many, what they cost, and when. */
export function factsOfPicture(job) {
  return [shape(job), job.record.outputs.length > 1 && count(job), !isShared(job) && cost(job), when(job)].filter(Boolean);
}

function when({ at }) {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(at);
}

function count({ record: { outputs } }) {
  return outputs.length > 0 && t("history.pictures", { count: outputs.length });
}

function cost(job) {
  const { cost_usd: paid } = job.record;
  return typeof paid === "number" && (isSample(job) ? t("after.cost_sample") : dollars(paid));
}

function shape({ request }) {
  const choice = request?.[settings.shape_field];
  return sizeAsked(request)?.ratio ? shapeWords(choice) : choice && valueText(settings.shape_field, choice);
}
