// What is heard of the jobs by who doesn't see the page: one place says whose it is and how it is, for all of them.

import { describe, promptOf } from "../job/status-text.js";
import { element, say } from "../lib/elements.js";
import { quoted, t } from "../lib/texts.js";

/** The place in `root`, and `hear(job, change)` for each change of a job. */
export function makeSpoken() {
  const root = element("p", { class: "sr-only", role: "status" });
  const said = new Map();
  // What was made before, and is only shown again, has nothing to say.
  const silent = new Set();

  function hear(job, change) {
    if (change === "new" && (job.large || job.record.status === "completed")) silent.add(job.key);
    if (silent.has(job.key) || change === "removed") return;
    const words = describe(job);
    if (!words || said.get(job.key) === words) return;
    said.set(job.key, words);
    say(root, t("job.heard", { prompt: quoted(promptOf(job)), words }));
  }

  return { root, hear };
}
