// A job's card: a sentence, the seconds, one thing to do, and the pictures in order.

import { everythingFrom } from "../gallery/everything.js";
import { updateTiles } from "../gallery/tiles.js";
import { button, closeButton } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { dotsMenu } from "../lib/menu.js";
import { isSample } from "../lib/payer.js";
import { isSeries } from "../lib/series.js";
import { outlasting } from "../lib/store.js";
import { quoted, t } from "../lib/texts.js";
import { jobActions } from "./actions.js";
import { changedFrom } from "./changed-from.js";
import { nameBy } from "./named.js";
import { isShared } from "./shared.js";
import { cost, describe, isDrawn, isUnderWay, progress, promptOf, took } from "./status-text.js";

/**
 * Make the card of a job: its `root`, `update(job)` for each change, and `tick()` for each second.
 * `cancel(job)` asks the server and answers with a sentence to show, or null; `send(request)` sends one anew,
 * `press(request)` the same once for each press; `vary(request)` fills the form; `view` shows pictures large, and
 * `change(job, index)` starts from one, or is null; `forget(job)` takes a job out of the list.
 */
export function makeCard(added, { cancel, send, press, vary, change, view, forget }) {
  let job = added;
  const prompt = element("p", { class: "job-prompt" });
  const words = element("p", { class: "job-words" });
  const stop = button(t("job.cancel"), takeBack, { class: "job-cancel" });
  const paid = element("span", { class: "job-cost" });
  const clock = element("span", { class: "job-clock", "aria-hidden": "true" });
  const bar = element("div", { class: "job-bar", "aria-hidden": "true" });
  const note = element("p", { class: "job-note", role: "alert", hidden: true });
  const named = element("p", { class: "job-id", hidden: true });
  const tiles = element("div", { class: "job-tiles" });
  const startFrom = change && ((index) => change(job, index));
  const from = changedFrom();
  const actions = jobActions({ send, press: (request, at) => press(request, { tell, at }), vary });
  const more = dotsMenu(nameOf(job), [actions.seldom]);
  const dismiss = closeButton(t("history.forget"), () => forget(job), "job-dismiss");
  // Where nobody knows what was asked for, it may be one.
  const series = !job.request || isSeries(job.request);
  const root = element("article", { class: series ? "job job-series" : "job", "data-key": job.key, tabindex: "-1" });
  root.append(
    prompt,
    element("div", { class: "job-line" }, words, stop, actions.retry, paid, clock, more.button, dismiss),
    more.tray,
    bar,
    from.root,
    note,
    named,
    tiles,
    actions.root,
  );

  async function takeBack() {
    if (stop.getAttribute("aria-disabled") === "true") return;
    // Not `disabled`: that would take the focus away from under the visitor's hands.
    stop.setAttribute("aria-disabled", "true");
    say(stop, t("job.cancelling"));
    tell(await cancel(job));
    stop.setAttribute("aria-disabled", "false");
    say(stop, t("job.cancel"));
  }

  function tell(text) {
    say(note, text ?? "");
    note.hidden = !text;
  }

  function tick() {
    if (!isUnderWay(job.record)) return;
    const seconds = Math.max(0, Math.round((Date.now() - job.at) / 1000));
    say(clock, t("job.elapsed", { seconds }));
    const done = progress(job);
    bar.classList.toggle("job-bar-known", done !== null);
    bar.style.setProperty("--done", done ?? 0);
  }

  function update(now) {
    job = now;
    const { status, error, ended, request_id: requestId } = job.record;
    const held = document.activeElement;
    const pressed = stop === held || actions.retry.contains(held);
    root.dataset.status = error ? "error" : status;
    say(prompt, promptOf(job));
    say(words, describe(job));
    dismiss.hidden = !error;
    stop.hidden = !isUnderWay(job.record) || !requestId || isShared(job) || Boolean(note.textContent);
    // It may have been drawn before, and only be asked for anew.
    const done = ended || isDrawn(job.record);
    // What was said of a job under way is of no use once it is done.
    if (done && !bar.hidden) tell(null);
    bar.hidden = done;
    tick();
    if (!isUnderWay(job.record)) say(clock, took(job));
    say(paid, done ? cost(job, isSample(job)) : "");
    const lacks = requestId && job.pictures.some((picture) => picture?.error);
    const forgets = requestId && outlasting() !== "all";
    named.hidden = !(lacks || forgets || (error && (requestId || error.code === "submission_unknown")));
    if (!named.hidden) nameBy(named, job);
    if (error) tiles.replaceChildren();
    else updateTiles(tiles, job, { open: (index) => view.open({ job, index }, everythingFrom(job)), change: startFrom });
    for (const part of [from, actions]) part.update(job);
    // What was pressed, or was to be, may be gone by that.
    if (pressed && !isSeen(held)) root.focus({ preventScroll: true });
    putAway(error);
  }

  /** Of what was not made, one line stays, and the rest is in the menu; of alternatives, all but the picture. */
  function putAway(error) {
    const put = (part, away, above) => {
      if (more.tray.contains(part) === away) return;
      if (away) actions.seldom.before(part);
      else above.after(part);
    };
    put(named, Boolean(error), note);
    put(from.root, Boolean(error), bar);
    put(actions.root, Boolean(error || job.group), tiles);
  }

  return { root, tick, update };
}

function nameOf(job) {
  const words = quoted(promptOf(job));
  return t("history.more", { prompt: job.group ? t("history.picture_of", { words, ...job.group }) : words });
}

function isSeen(element) {
  return element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
}
