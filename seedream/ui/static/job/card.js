// A job's card: a sentence, the seconds, one thing to do, and the pictures in order.

import { afterwards } from "./actions.js";
import { plainCopyButton } from "../lib/copy-button.js";
import { developerPanel } from "../developer/developer.js";
import { element, say } from "../lib/elements.js";
import { foldable } from "./card-fold.js";
import { lookAgain } from "./jobs.js";
import { cost, describe, progress, took } from "./status-text.js";
import { t } from "../lib/texts.js";
import { arrange } from "../gallery/tiles.js";

// After these, looking again would find the same.
const FINAL = new Set(["job_failed", "job_cancelled"]);

/**
 * Make the card of a job: its `root`, `update(job)` for each change, `tick()` for each second, `fold()` and `open()`.
 * `view` shows its pictures large.
 */
export function makeCard(added, { offline, cancel, send, press, vary, view }) {
  let job = added;
  const words = element("p", { class: "job-words", role: "status" });
  const note = element("p", { class: "job-note", role: "alert", hidden: true });
  const clock = element("span", { class: "job-clock", "aria-hidden": "true" });
  const paid = element("span", { class: "job-cost" });
  const stop = element("button", { type: "button", class: "quiet-button job-cancel" }, t("job.cancel"));
  const bar = element("div", { class: "job-bar", "aria-hidden": "true" });
  const tiles = element("div", { class: "job-tiles" });
  const named = element("p", { class: "job-id", hidden: true });
  const prompt = element("p", { class: "job-prompt" });
  const again = element("button", { type: "button", class: "quiet-button", hidden: true }, t("job.again"));
  const resend = element("button", { type: "button", class: "quiet-button", hidden: true }, t("job.send_again"));
  const after = afterwards({ press: (request) => press(request, tell), vary });
  const small = element("img", { class: "job-small", alt: "", hidden: true });
  const developer = developerPanel(job);
  const root = element(
    "article",
    { class: "job", "data-key": job.key, tabindex: "-1" },
    small,
    prompt,
    element("div", { class: "job-line" }, words, stop, paid, clock),
    bar,
    note,
    named,
    element("div", { class: "job-actions" }, again, resend),
    tiles,
    after.root,
    developer.root,
  );
  const folding = foldable(root, small);
  prompt.after(folding.button);
  again.addEventListener("click", () => lookAgain(job));
  resend.addEventListener("click", () => {
    if (window.confirm(t("job.send_again_sure"))) send(job.request);
  });
  stop.addEventListener("click", async () => {
    stop.disabled = true;
    say(stop, t("job.cancelling"));
    tell(await cancel(job));
    stop.disabled = false;
    say(stop, t("job.cancel"));
  });

  function tell(text) {
    say(note, text ?? "");
    note.hidden = !text;
  }

  function tick() {
    if (job.record.ended) return;
    const seconds = Math.max(0, Math.round((Date.now() - job.at) / 1000));
    say(clock, t("job.elapsed", { seconds }));
    bar.style.setProperty("--done", progress(job));
  }

  function update(now) {
    job = now;
    const { status, error, ended, request_id } = job.record;
    say(prompt, job.request?.prompt ?? t("job.no_prompt"));
    root.dataset.status = error ? "error" : status;
    say(words, describe(job));
    stop.hidden = ended || !request_id || Boolean(note.textContent);
    // What was said of a job under way is of no use once it is done.
    if (ended && !bar.hidden) tell(null);
    bar.hidden = ended;
    bar.classList.toggle("job-bar-known", Boolean(job.drawingAt && job.record.usually));
    named.hidden = !(error && request_id);
    if (!named.hidden && !named.childNodes.length) named.append(...requestId(request_id));
    again.hidden = !(error && request_id && !FINAL.has(error.code));
    resend.hidden = !(error?.code === "submission_unknown" && job.request);
    if (ended) say(clock, took(job));
    else tick();
    say(paid, ended ? cost(job, offline) : "");
    if (error) tiles.replaceChildren();
    else arrange(tiles, job, { offline, open: (index) => view.open(job, index, tiles) });
    view.update(job);
    after.update(job);
    folding.update(job);
    developer.update(job);
  }

  return { root, tick, update, fold: folding.fold, open: folding.open };
}

function requestId(id) {
  return [`${t("job.request_id")} `, element("code", {}, id), " ", plainCopyButton(t("job.copy"), () => id)];
}
