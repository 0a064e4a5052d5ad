// How jobs are, for who looks elsewhere: in the tab's title, and, if the visitor allows it, as a notification.

import { element } from "../lib/elements.js";
import * as jobs from "./jobs.js";
import { sentence, t } from "../lib/texts.js";

// Jobs that this page has seen under way, with how they are now. One that was done before is no news.
const seen = new Map();
let news = null;

/** Start telling. */
export function signal() {
  jobs.listen((job, change) => {
    const { status, ended } = job.record;
    if (change === "withdrawn" || change === "forgotten") seen.delete(job.key);
    else if (ended && seen.delete(job.key)) tell(job);
    else if (!ended && (change === "record" || status === "submitting")) seen.set(job.key, status);
    entitle();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    news = null;
    entitle();
  });
}

/** The button that asks whether notifications are welcome; null where they can't be, or it is decided. */
export function tellMe() {
  if (!("Notification" in window) || Notification.permission !== "default") return null;
  const button = element("button", { type: "button", class: "quiet-button tell-me" }, t("signal.ask"));
  button.addEventListener("click", async () => {
    const answer = await Notification.requestPermission();
    const said = answer === "granted" ? t("signal.on") : t("signal.off");
    button.replaceWith(element("span", { class: "tell-me", role: "status" }, said));
  });
  return button;
}

function entitle() {
  const state = [...seen.values()].includes("in_progress") ? "signal.drawing" : seen.size ? "signal.waiting" : news;
  const title = state ? t("signal.title", { state: t(state), page: t("page.title") }) : t("page.title");
  if (document.title !== title) document.title = title;
}

function tell({ key, record }) {
  if (!document.hidden) return;
  news = record.error ? "signal.look" : "signal.ready";
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const { error, outputs, request_id: requestId } = record;
  const body = error ? sentence(error, requestId) : t("state.completed", { count: outputs.length });
  try {
    const notification = new Notification(t("page.title"), { body, tag: key });
    notification.addEventListener("click", () => {
      window.focus();
      notification.close();
    });
  } catch {
    // Some phones let only an installed app notify. The title tells.
  }
}
