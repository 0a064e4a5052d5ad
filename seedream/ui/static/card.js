// A job's card: a sentence, the seconds, one thing to do, and the pictures in order.

import { element, say } from "./elements.js";
import { keepsakes } from "./keepsakes.js";
import { lookAgain } from "./jobs.js";
import { sentence, t } from "./texts.js";
import { arrange } from "./tiles.js";

// After these, looking again would find the same.
const FINAL = new Set(["job_failed", "job_cancelled"]);

/** Make the card of a job: its `root`, `update(job)` for each change, and `tick()` for each second. */
export function makeCard(added, { offline, cancel, send }) {
  let job = added;
  const words = element("p", { class: "job-words", role: "status" });
  const note = element("p", { class: "job-note", role: "alert", hidden: true });
  const clock = element("span", { class: "job-clock", "aria-hidden": "true" });
  const stop = element("button", { type: "button", class: "quiet-button job-cancel" }, t("job.cancel"));
  const bar = element("div", { class: "job-bar", "aria-hidden": "true" });
  const tiles = element("div", { class: "job-tiles" });
  const named = element("p", { class: "job-id", hidden: true });
  const prompt = element("p", { class: "job-prompt" });
  const again = element("button", { type: "button", class: "quiet-button", hidden: true }, t("job.again"));
  const kept = element("span", { class: "job-keepsakes" });
  const resend = element("button", { type: "button", class: "quiet-button", hidden: true }, t("job.send_again"));
  const root = element(
    "article",
    { class: "job", "data-key": job.key },
    prompt,
    element("div", { class: "job-line" }, words, clock, stop),
    bar,
    note,
    named,
    element("div", { class: "job-actions" }, again, resend, kept),
    tiles,
  );
  again.addEventListener("click", () => lookAgain(job));
  resend.addEventListener("click", () => {
    if (window.confirm(t("job.send_again_sure"))) send(job.request);
  });
  stop.addEventListener("click", async () => {
    stop.disabled = true;
    say(stop, t("job.cancelling"));
    const answer = await cancel(job);
    if (answer) {
      say(note, answer);
      note.hidden = false;
    }
    stop.disabled = false;
    say(stop, t("job.cancel"));
  });

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
    bar.hidden = ended;
    bar.classList.toggle("job-bar-known", Boolean(job.drawingAt && job.record.usually));
    named.hidden = !(error && request_id);
    if (!named.hidden && !named.childNodes.length) named.append(...requestId(request_id));
    again.hidden = !(error && request_id && !FINAL.has(error.code));
    const buttons = keepsakes(job);
    if (buttons.length !== kept.children.length) kept.replaceChildren(...buttons);
    resend.hidden = !(error?.code === "submission_unknown" && job.request);
    if (ended) say(clock, took(job));
    else tick();
    if (error) tiles.replaceChildren();
    else arrange(tiles, job, offline);
  }

  return { root, tick, update };
}

function describe(job) {
  const { status, error, queue_position: position, outputs } = job.record;
  if (error) return sentence(error, job.record.request_id);
  if (job.lost && !job.record.ended) return t("state.reconnecting");
  if (status === "in_queue" && position !== null && position <= 1) return t("state.in_queue_next");
  if (status === "in_queue" && position !== null) return t("state.in_queue_at", { position });
  if (status === "in_progress" && job.record.usually) {
    const [low, high] = job.record.usually;
    return `${t("state.in_progress")} ${t("state.usually", { low, high })}`;
  }
  if (status !== "completed") return t(`state.${status}`);
  return outputs.every((_, index) => job.pictures[index])
    ? t("state.completed", { count: outputs.length })
    : t("state.collecting");
}

/** How far drawing is, from 0 to 1, by what such jobs usually take. It nears the end and never claims it. */
function progress(job) {
  if (!job.drawingAt || !job.record.usually) return 0;
  const [low, high] = job.record.usually;
  const share = (Date.now() - job.drawingAt) / 1000 / ((low + high) / 2);
  return 1 - Math.exp(-1.6 * share);
}

function took(job) {
  const { created_at: from, finished_at: to } = job.record;
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  return Number.isFinite(seconds) && seconds >= 0 ? t("job.took", { seconds }) : "";
}

function requestId(id) {
  const copy = element("button", { type: "button", class: "quiet-button" }, t("job.copy"));
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(id);
    say(copy, t("job.copied"));
  });
  return [`${t("job.request_id")} `, element("code", {}, id), " ", copy];
}
