// The page's own script: what happens between the button and the wall.

import * as form from "./form.js";
import * as jobs from "./jobs.js";
import { choose, sentence, t } from "./texts.js";
import { hang } from "./wall.js";

let server;
let settings;

function start() {
  if (!window.seedreamWall || server) return;
  const { element: frame } = window.seedreamWall;
  ({ server, settings } = window.seedreamWall);
  choose(window.gradio_config.i18n_translations);
  jobs.listen(hang(frame, { offline: settings.offline, cancel }));
  form.attach(settings.fields);
  jobs.recall();
}

/** One press of the button: remembered first, then sent once. */
async function generate(values) {
  const request = Object.fromEntries(settings.fields.map((field, index) => [field.name, values[index]]));
  if (!String(request.prompt ?? "").trim()) {
    form.notice(sentence({ code: "prompt_empty" }));
    document.querySelector("#field-prompt textarea")?.focus();
    return;
  }
  form.notice(null);
  const job = jobs.intend(request);
  try {
    const answer = await server.submit({ key: job.key, values: request });
    if (answer.error) {
      jobs.withdraw(job);
      form.notice(sentence(answer.error));
      return;
    }
    jobs.accepted(job, answer.request);
  } catch {
    // Sent or not? The stream tells: it finds the job by its key, or says that nobody knows of it.
    form.notice(t("error.page_unreachable"));
  }
  jobs.watch();
}

/** Ask for a job to be taken back; answer with what the visitor should know, or null. */
async function cancel(job) {
  try {
    const answer = await server.cancel({ key: job.key, request_id: job.record.request_id });
    if (answer.error) return sentence(answer.error);
    return answer.state === "cancelled" ? null : t("job.not_cancellable");
  } catch {
    return t("error.page_unreachable");
  }
}

window.seedream = { generate };
window.addEventListener("seedream:wall", start);
start();
