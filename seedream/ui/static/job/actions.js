// What to do with a job: once it has ended a row of quiet buttons, and at any time what is needed seldom, in its menu.

import { jobExports, lackingSentence } from "../export/exports.js";
import { present, presentable } from "../gallery/present.js";
import { developerButton } from "../developer/window.js";
import { button, copyButton } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { paidEach } from "../lib/prices.js";
import { isSeries } from "../lib/series.js";
import { t } from "../lib/texts.js";
import { current } from "./addresses.js";
import { copyLink } from "./copy-link.js";
import { shapeMenu } from "./shape-menu.js";
import { spendButton } from "./spend-button.js";
import { lookAgain } from "./take-up.js";
import { fitting } from "./way-on.js";

// Where *Cancel* was, what sends the job again comes: whoever presses twice, as nothing seems to happen, orders nothing.
const REST = 1500;

/**
 * A job's buttons: the row `root`, beside what went wrong `retry`, for its menu `seldom`, and `update(job)` for each change.
 * `send(request)` sends one, `press(request)` the same once for each press; `vary(request)` puts it into the form.
 */
export function jobActions(does) {
  const retry = element("span", { class: "job-retry" });
  const root = element("div", { class: "job-actions" });
  const seldom = element("div", { class: "job-seldom" });
  const lacks = element("p", { class: "more-note", role: "status" });
  let drawn = "";
  let wasUnderWay = false;
  const update = (job) => {
    const now = offers(job);
    const { ended } = job.record;
    say(lacks, ended ? lackingSentence(job) : "");
    // Drawn anew only when it offers something else: what is open, or has the focus, stays so.
    if (now === drawn) return;
    drawn = now;
    const had = seldom.contains(document.activeElement);
    retry.replaceChildren(...(ended && job.record.error ? [wayOn(job, does, wasUnderWay ? REST : 0)].filter(Boolean) : []));
    wasUnderWay ||= !ended;
    const [zip, others] = jobExports(job);
    // Until then they keep their room: what lies below does not move when the picture has come.
    root.classList.toggle("job-actions-later", !ended);
    root.replaceChildren(...row(job, does), ...zip, lacks);
    seldom.replaceChildren(...copies(job), ...others, ...(pictured(job) ? [] : [developerButton(() => current(job))]));
    if (had) seldom.querySelector("button").focus();
  };
  return { retry, root, seldom, update };
}

/** What decides which buttons there are. */
function offers(job) {
  const { request, record, pictures } = job;
  const several = (has) => pictures.filter(has).length > 1;
  const shown = [several((picture) => picture?.signed), several((picture) => picture?.preview), pictured(job)];
  return [Boolean(request), record.ended, record.error?.code, record.request_id, ...shown].join();
}

/** Whether there is a picture to be shown large, which has the rest. */
function pictured({ pictures }) {
  return pictures.some((picture) => picture && !picture.error);
}

/** The one button for a job without pictures: what fits how it ended; null where nothing does. It rests at first. */
function wayOn(job, { send, press, vary }, rest) {
  const { request } = job;
  const resend = () => window.confirm(t("job.send_again_sure")) && send(request);
  const buttons = {
    look: () => button(t("job.again"), () => lookAgain(job)),
    send: () => spendButton(t("job.send_again"), request, resend, { rest }),
    again: () => spendButton(t("tile.again"), request, press, { rest }),
    edit: () => button(t("form.edit_prompt"), () => vary(request)),
  };
  return buttons[fitting(job)]?.() ?? null;
}

function row(job, { press, vary }) {
  const { request, record } = job;
  const made = request && !record.error;
  const again = isSeries(request) ? "after.another_series" : "after.another";
  const several = made && presentable(job).length > 1;
  return [
    made && spendButton(t(again), request, press, { paid: paidEach(record) }),
    request && fitting(job) !== "edit" && button(t("history.use"), () => vary(request)),
    ...(made ? shapeMenu(request, record, press) : []),
    several && button(t("present.start"), () => present(presentable(current(job)))),
  ].filter(Boolean);
}

/** What copies the prompt, and what leads to the job. */
function copies(job) {
  const { request } = job;
  return [request && copyButton(t("after.copy_prompt"), () => request.prompt), ...copyLink(job)].filter(Boolean);
}
