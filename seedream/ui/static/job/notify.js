// How jobs are, for who looks elsewhere: in the tab's title, and, if the visitor allows it, as a notification.

import { button } from "../lib/buttons.js";
import { element } from "../lib/elements.js";
import { t } from "../lib/texts.js";
import { describe, inTitle } from "./status-text.js";
import * as jobs from "./store.js";

// Jobs that this page has seen under way, with how they are now. One that was done before is no news.
const seen = new Map();
let news = null;

export function notify() {
  jobs.listen((job, change) => {
    const { status, ended } = job.record;
    if (change === "removed") seen.delete(job.key);
    else if (ended && seen.delete(job.key)) tell(job);
    else if (!ended && (change === "record" || status === "submitting")) seen.set(job.key, status);
    setTitle();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    news = null;
    setTitle();
  });
}

/** The button that asks whether notifications are welcome, or why it isn't there; null where that is decided. */
export function notifyButton() {
  // In another page's frame there is neither a notification nor a title.
  if (window !== top) return null;
  // Over plain HTTP there are none, whatever the visitor would like.
  if (!window.isSecureContext || !("Notification" in window)) return element("span", { class: "notify" }, t("notify.off"));
  if (Notification.permission !== "default") return null;
  const ask = async () => {
    const answer = await Notification.requestPermission();
    const said = answer === "granted" ? t("notify.on") : t("notify.off");
    asking.replaceWith(element("span", { class: "notify", role: "status" }, said));
  };
  const asking = button(t("notify.ask"), ask, { class: "notify" });
  return asking;
}

function setTitle() {
  const state = inTitle([...seen.values()]) ?? news;
  const title = state ? t("notify.title", { state: t(state), page: t("page.title") }) : t("page.title");
  if (document.title !== title) document.title = title;
}

function tell(job) {
  if (!document.hidden) return;
  news = job.record.error ? "notify.look" : "notify.ready";
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  try {
    // A picture that is made is ready, though it may still be on its way here.
    const body = describe({ ...job, pictures: job.record.outputs });
    const notification = new Notification(t("page.title"), { body, tag: job.group?.id ?? job.key });
    notification.addEventListener("click", () => {
      window.focus();
      notification.close();
    });
  } catch {
    // Some phones let only an installed app notify. The title tells.
  }
}
