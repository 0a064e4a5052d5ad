// Jobs that are forgotten, and the line that says so and can bring them back.

import * as thumbnails from "../gallery/thumbnails.js";
import { promptOf } from "../job/status-text.js";
import * as jobs from "../job/store.js";
import { ONE_PRESS_MILLISECONDS } from "../job/submission.js";
import { show } from "../job/take-up.js";
import { button, closeButton } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { quoted, t } from "../lib/texts.js";

/**
 * What forgets jobs: `forget(list, words)` says these words, or whose prompt is gone. `tray` shows the line, and
 * `done(keys)` hears when jobs are back, or the line was closed.
 */
export function makeUndo(tray, done) {
  let last = [];
  let shownAt = 0;
  const said = element("p", {});
  const back = button("", bringBack);
  // Where the line comes, there may be a hand that presses a second time what it has pressed just now.
  const close = closeButton(t("view.close"), (event) => event.timeStamp - shownAt > ONE_PRESS_MILLISECONDS && leave([]));
  const line = element("div", { class: "history-forgotten", role: "group", "aria-label": t("history.undo") }, said, back, close);
  line.addEventListener("keydown", ({ key }) => key === "Escape" && leave([]));

  function forget(gone, words = t("history.forgotten", { prompt: quoted(promptOf(gone[0])) })) {
    const carded = new Set(jobs.shown().filter(({ large }) => !large).map(({ key }) => key));
    last = gone.map((job) => ({ job, onPage: carded.has(job.key) || !job.record.ended, copies: thumbnails.drop(job.key) }));
    gone.forEach((job) => jobs.forget(job));
    say(said, words);
    say(back, t(gone.length > 1 ? "history.bring_all_back" : "history.bring_back"));
    tray.show(line, words);
    shownAt = performance.now();
    // The button that was pressed has gone with what it was of.
    back.focus();
  }

  /** As it was: on the page again only what was there, or is under way. */
  function bringBack() {
    thumbnails.restore(last.flatMap(({ copies }) => copies));
    for (const { job, onPage } of last.sort((one, other) => one.job.at - other.job.at)) {
      if (!onPage) jobs.bringBack(job);
      // How it ended is known.
      else if (job.record.ended && job.record.error) jobs.add(job);
      else show(job);
    }
    leave(last.map(({ job }) => job.key));
  }

  function leave(keys) {
    last = [];
    tray.hide(line);
    done(keys);
  }

  return { forget };
}
