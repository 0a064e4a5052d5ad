// How many jobs are under way, in the head of the page, and the way to them.

import { mount } from "../gradio/form.js";
import { isUnderWay } from "../job/status-text.js";
import * as jobs from "../job/store.js";
import { show } from "../job/take-up.js";
import { element, say } from "../lib/elements.js";
import { t } from "../lib/texts.js";
import { reveal } from "./gallery.js";

/** Tell how many they are; each press leads to the next of them. What they are at is heard from their own place. */
export function tellRunning() {
  const button = element("button", { type: "button", class: "running", hidden: true, click: lead, blur: update });
  let running = [];
  let last = -1;

  function update() {
    const here = jobs.shown().filter(({ large }) => !large);
    const known = new Set(here.map(({ key }) => key));
    const elsewhere = jobs.remembered().filter(({ key }) => !known.has(key));
    running = [...here, ...elsewhere].filter(({ record }) => isUnderWay(record)).sort((one, other) => other.at - one.at);
    say(button, t("page.running", { count: running.length }));
    // Nobody loses their place because the last one is done.
    button.hidden = !running.length && document.activeElement !== button;
  }

  function lead() {
    if (!running.length) return;
    last = (last + 1) % running.length;
    const job = running[last];
    if (!jobs.shown().some(({ key, large }) => key === job.key && !large)) show(job);
    reveal(job);
  }

  jobs.listen((_, change) => change !== "picture" && change !== "connection" && update());
  jobs.listenElsewhere(update);
  update();
  mount("running", button);
}
