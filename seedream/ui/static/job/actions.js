// What to do with a job that has ended: a row of quiet buttons, and what is needed seldom behind "More".

import { jobExports, lackingSentence } from "../export/exports.js";
import { linkButton, resultLink } from "../form/setup-link.js";
import { present, presentable } from "../gallery/present.js";
import { button, copyButton, disclosure } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { paidEach } from "../lib/prices.js";
import { isSeries } from "../lib/series.js";
import { settings } from "../lib/settings.js";
import { otherShapes, shapeField, shapeIcon } from "../lib/shapes.js";
import { t, valueText } from "../lib/texts.js";
import { current } from "./addresses.js";
import { spendButton } from "./spend-button.js";
import { lookAgain } from "./take-up.js";

// What ended without a picture and without a cost. What may have been charged asks first.
const MAY_BE_TRIED_AGAIN = new Set(["job_cancelled", "job_failed", "no_credit", "service_unreachable", "too_many_requests"]);
const MAY_BE_CHARGED = "submission_unknown";
// After these, looking again would find the same.
const FINAL = new Set(["job_failed", "job_cancelled"]);

/**
 * A job's buttons: the row `root`, above the pictures the row `retry`, and `update(job)` for each change.
 * `send(request)` sends one, `press(request)` the same once for each press; `vary(request)` puts it into the form.
 */
export function jobActions(does) {
  const retry = element("div", { class: "job-retry" });
  const root = element("div", { class: "job-actions" });
  const lacks = element("p", { class: "more-note", role: "status" });
  let drawn = "";
  const update = (job) => {
    const now = offers(job);
    say(lacks, now ? lackingSentence(job) : "");
    // Drawn anew only when it offers something else: what is open, or has the focus, stays so.
    if (now === drawn) return;
    drawn = now;
    retry.replaceChildren(...(now ? retryRow(job, does) : []));
    root.replaceChildren(...(now ? [...row(job, does), lacks] : []));
  };
  return { retry, root, update };
}

/** What decides which buttons there are; none before the job has ended. */
function offers({ request, record, pictures }) {
  if (!record.ended) return "";
  const several = (has) => pictures.filter(has).length > 1;
  const shown = [several((picture) => picture?.signed), several((picture) => picture?.preview)];
  return [Boolean(request), record.error?.code, record.request_id, ...shown].join();
}

function retryRow(job, { send }) {
  const { error, request_id: requestId } = job.record;
  const resend = () => window.confirm(t("job.send_again_sure")) && send(job.request);
  return [
    error && requestId && !FINAL.has(error.code) && button(t("job.again"), () => lookAgain(job)),
    error?.code === MAY_BE_CHARGED && job.request && spendButton(t("job.send_again"), job.request, resend),
  ].filter(Boolean);
}

function row(job, { press, vary }) {
  const { request, record } = job;
  const made = request && !record.error;
  const again = isSeries(request) ? "after.another_series" : "after.another";
  const shape = made && shapes(job, press);
  const [first, ...others] = jobExports(job);
  const several = made && presentable(job).length > 1;
  const seldom = [
    request && copyButton(t("after.copy_prompt"), () => request.prompt),
    record.request_id && copyButton(t("after.copy_job_link"), () => resultLink(record)),
    record.request_id && request && copyButton(t("after.copy_job_link_whole"), () => resultLink(record, request)),
    request && linkButton(() => request),
    ...others,
  ].filter(Boolean);
  const more = seldom.length > 0 && disclosure(t("after.more"), ...seldom);
  return [
    request && MAY_BE_TRIED_AGAIN.has(record.error?.code) && spendButton(t("tile.again"), request, press),
    made && spendButton(t(again), request, press, paidEach(record)),
    request && button(t("after.vary"), () => vary(request)),
    shape && shape.button,
    several && button(t("present.start"), () => present(presentable(current(job)))),
    first,
    more && more.button,
    shape && shape.panel,
    more && more.panel,
  ].filter(Boolean);
}

/** The other shapes, each a press away: it sends the same request in that shape. */
function shapes({ request, record }, press) {
  const { name, choices } = shapeField() ?? { choices: [] };
  const others = otherShapes(request, choices);
  if (!others.length) return null;
  const note = element("p", { class: "more-note" }, t("after.shape_note"));
  // Where the price depends on settings, another shape may have another one.
  const paid = settings.price_varies ? null : paidEach(record);
  const each = others.map(({ choice, ratio }) => {
    const words = [shapeIcon(ratio), valueText(name, choice)];
    return spendButton(words, { ...request, [name]: choice }, press, paid);
  });
  return disclosure(t("after.shape"), note, ...each);
}
