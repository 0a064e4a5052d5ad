// What to do with a job that has ended: a row of quiet buttons, and what is needed seldom behind "More".

import { plainCopyButton } from "../lib/copy-button.js";
import { disclosure } from "../lib/disclosure.js";
import { element } from "../lib/elements.js";
import { keepsakes } from "../export/exports.js";
import { dollars } from "../lib/money.js";
import { linkButton } from "../form/setup-link.js";
import { settings } from "../lib/settings.js";
import { otherShapes } from "../lib/shapes.js";
import { t } from "../lib/texts.js";

// What ended without a picture and without a cost. What may have been charged asks first, and not here.
const MAY_BE_TRIED_AGAIN = new Set(["job_cancelled", "job_failed", "no_credit", "service_unreachable", "too_many_requests"]);

/**
 * The row of a job: its `root`, and `update(job)` for each change. `press(request)` sends a request, once for
 * each press; `vary(request)` puts it into the form.
 */
export function afterwards({ press, vary }) {
  const root = element("div", { class: "job-after", hidden: true });
  let drawn = "";
  const update = (job) => {
    root.hidden = !job.record.ended;
    const now = root.hidden ? "" : facts(job).join();
    // Drawn anew only when it offers something else: what is open, or has the focus, stays so.
    if (now === drawn) return;
    drawn = now;
    root.replaceChildren(...(now ? row(job, { press, vary }) : []));
  };
  return { root, update };
}

/** What decides which buttons there are. */
function facts({ request, record, pictures }) {
  const several = (has) => pictures.filter(has).length > 1;
  const shown = [several((picture) => picture?.signed), several((picture) => picture?.preview)];
  return [Boolean(request), Boolean(record.error), record.request_id, ...shown];
}

function row(job, { press, vary }) {
  const { request, record } = job;
  const made = request && !record.error;
  const series = request?.sequential_image_generation === "auto";
  const shape = made ? shapes(job, press) : null;
  const [first, ...others] = keepsakes(job);
  const kept = [
    request ? plainCopyButton(t("after.copy_prompt"), () => request.prompt) : null,
    record.request_id ? plainCopyButton(t("after.copy_job_link"), () => jobLink(record.request_id)) : null,
    request ? linkButton(() => request) : null,
    ...others,
  ].filter(Boolean);
  const more = kept.length ? disclosure(t("after.more"), ...kept) : null;
  const again = request && MAY_BE_TRIED_AGAIN.has(record.error?.code);
  return [
    again ? quiet(t("tile.again"), () => press(request)) : null,
    made ? quiet(t(series ? "after.another_series" : "after.another"), () => press(request)) : null,
    request ? quiet(t("after.vary"), () => vary(request)) : null,
    shape?.button,
    first,
    more?.button,
    shape?.panel,
    more?.panel,
  ].filter(Boolean);
}

/** The other shapes, each a press away: it sends the same request in that shape. */
function shapes({ request, record }, press) {
  const { choices = [] } = settings.fields.find(({ name }) => name === "resolution") ?? {};
  const others = otherShapes(request, choices);
  if (!others.length) return null;
  const known = typeof record.cost_usd === "number" && record.cost_usd > 0;
  const cost = known ? ` ${t("after.shape_cost", { cost: dollars(record.cost_usd) })}` : "";
  const buttons = others.map(({ choice, ratio }) => {
    const icon = element("span", { class: "shape-icon", "aria-hidden": "true" });
    icon.style.setProperty("--ratio", ratio);
    const button = quiet(t(`value.resolution.${choice}`), () => press({ ...request, resolution: choice }));
    button.prepend(icon);
    return button;
  });
  return disclosure(t("after.shape"), element("p", { class: "more-note" }, `${t("after.shape_note")}${cost}`), ...buttons);
}

function quiet(words, press) {
  return element("button", { type: "button", class: "quiet-button", click: press }, words);
}

/** The address of a job on this page. */
function jobLink(requestId) {
  return `${location.origin}${location.pathname}?${new URLSearchParams({ request_id: requestId })}`;
}
