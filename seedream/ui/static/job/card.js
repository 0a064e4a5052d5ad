// A job's card: a sentence, the seconds, one thing to do, and the pictures in order.

import { updateTiles } from "../gallery/tiles.js";
import { fromTiles } from "../gallery/view.js";
import { button, closeButton, copyButton } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { trayButton } from "../lib/menu.js";
import { isSample } from "../lib/payer.js";
import { outlasting } from "../lib/store.js";
import { quoted, t } from "../lib/texts.js";
import { jobActions } from "./actions.js";
import { changedFrom } from "./changed-from.js";
import { cost, describe, progress, promptOf, took } from "./status-text.js";

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
  const more = job.group && trayOf(job);
  const actions = jobActions({ send: leaving(send), press: leaving((request, at) => press(request, { tell, at })), vary: leaving(vary) });
  const details = button(t("job.details"), unfold, { class: "job-details more-button", "aria-expanded": "false" });
  const dismiss = closeButton(t("history.forget"), () => forget(job), "job-dismiss");
  const developer = developerPart();
  const root = element("article", { class: "job", "data-key": job.key, tabindex: "-1" });
  root.append(
    prompt,
    element("div", { class: "job-line" }, words, stop, actions.retry, paid, clock, more?.button, details, dismiss),
    bar,
    from.root,
    note,
    named,
    tiles,
    ...(more ? [more.tray] : [actions.root, developer.root]),
  );

  /** What leads on from here closes the tray that it may lie in. */
  function leaving(does) {
    return (...given) => {
      more?.tray.hidePopover();
      return does(...given);
    };
  }

  async function takeBack() {
    stop.disabled = true;
    say(stop, t("job.cancelling"));
    tell(await cancel(job));
    stop.disabled = false;
    say(stop, t("job.cancel"));
  }

  /** Of what has no pictures, the rest is a press away. */
  function unfold() {
    const open = root.classList.toggle("job-unfolded");
    details.setAttribute("aria-expanded", String(open));
  }

  function tell(text) {
    say(note, text ?? "");
    note.hidden = !text;
  }

  function tick() {
    if (job.record.ended) return;
    const seconds = Math.max(0, Math.round((Date.now() - job.at) / 1000));
    say(clock, t("job.elapsed", { seconds }));
    const done = progress(job);
    bar.classList.toggle("job-bar-known", done !== null);
    bar.style.setProperty("--done", done ?? 0);
  }

  function update(now) {
    job = now;
    const { status, error, ended, request_id: requestId } = job.record;
    root.dataset.status = error ? "error" : status;
    say(prompt, promptOf(job));
    say(words, describe(job));
    details.hidden = dismiss.hidden = !error;
    stop.hidden = ended || !requestId || Boolean(note.textContent);
    // What was said of a job under way is of no use once it is done.
    if (ended && !bar.hidden) tell(null);
    bar.hidden = ended;
    tick();
    if (ended) say(clock, took(job));
    say(paid, ended ? cost(job, isSample(job)) : "");
    const lacks = requestId && job.pictures.some((picture) => picture?.error);
    const forgets = requestId && outlasting() !== "all";
    named.hidden = !(lacks || forgets || (error && (requestId || error.code === "submission_unknown")));
    if (!named.hidden) nameBy(named, requestId ? "job.request_id" : "job.key", requestId ?? job.key);
    if (error) tiles.replaceChildren();
    else updateTiles(tiles, job, { open: (index) => view.open({ job, index }, fromTiles(job)), change: startFrom });
    const had = actions.retry.contains(document.activeElement);
    for (const part of [from, actions, developer]) part.update(job);
    // What was pressed may be gone by that.
    if (had && !actions.retry.contains(document.activeElement)) root.focus({ preventScroll: true });
    if (more) putAway(error);
  }

  /** Among alternatives, what can be done with a picture lies in a tray; what is to be done where there is none, does not. */
  function putAway(error) {
    more.button.hidden = !job.record.ended || Boolean(error);
    const place = error ? root : more.tray;
    if (actions.root.parentElement !== place) place.append(actions.root, developer.root);
  }

  return { root, tick, update };
}

function trayOf({ request, group }) {
  const words = t("history.picture_of", { words: quoted(request?.prompt ?? ""), ...group });
  return trayButton(t("history.more", { prompt: words }));
}

/** Say by what a job is found where the page can't find it: at RunComfy, or in the log of whoever runs the page. */
function nameBy(root, words, name) {
  if (root.dataset.name === name) return;
  root.dataset.name = name;
  root.replaceChildren(`${t(words)} `, element("code", {}, name), " ", copyButton(t("job.copy"), () => name));
}

/** What is for developers: loaded once somebody comes near it, drawn while it is open. */
function developerPart() {
  let job = null;
  let loading = null;
  const load = () =>
    (loading ??= import("../developer/developer.js").then(
      ({ developerPanel }) => developerPanel(root),
      () => (loading = null),
    ));
  const update = async (now) => {
    job = now;
    if (root.open) (await load())?.(job);
  };
  const root = element(
    "details",
    { class: "developer", pointerenter: load, focusin: load, toggle: () => update(job) },
    element("summary", {}, t("developer.title")),
  );
  return { root, update };
}
