// The page's own script: what happens between the button and the wall.

import { askForToken, own } from "./account.js";
import { present } from "./elements.js";
import * as form from "./form.js";
import { keepHistory, sayAllowance } from "./history.js";
import * as jobs from "./jobs.js";
import { choose, sentence, t } from "./texts.js";
import { hang } from "./wall.js";

// A double click, or a key held down, is one press. Each further one within this time makes it start anew.
const ONE_PRESS_MILLISECONDS = 800;

let server;
let settings;
let lastPress = { at: 0, asked: "" };
let filling = null;

function start() {
  if (!window.seedreamWall || server) return;
  const { element: frame } = window.seedreamWall;
  ({ server, settings } = window.seedreamWall);
  choose(window.gradio_config.i18n_translations);
  jobs.listen(hang(frame, { offline: settings.offline, cancel, send }));
  jobs.listen((job, change) => {
    if (change === "record" && job.record.ended) refreshAllowance();
  });
  keepHistory(frame, { use: fill, own });
  form.attach(settings.fields);
  if (!settings.offline) askForToken((token) => server.bring_token({ visit: jobs.visit, token }), refreshAllowance);
  jobs.recall();
  refreshAllowance();
}

/** One press of the button. */
async function generate(values) {
  const request = Object.fromEntries(settings.fields.map((field, index) => [field.name, values[index]]));
  if (!String(request.prompt ?? "").trim()) {
    form.notice(sentence({ code: "prompt_empty" }));
    document.querySelector("#field-prompt textarea")?.focus();
    return;
  }
  const press = { at: Date.now(), asked: JSON.stringify(values) };
  const again = press.asked === lastPress.asked && press.at - lastPress.at < ONE_PRESS_MILLISECONDS;
  lastPress = press;
  if (!again) await send(request);
}

/** Send a request: remembered first, then sent once. */
async function send(request) {
  form.notice(null);
  const job = jobs.intend(request);
  try {
    const answer = await server.submit({ key: job.key, values: request, visit: jobs.visit });
    if (answer.error) {
      jobs.withdraw(job);
      form.notice(sentence(answer.error));
      return;
    }
    jobs.accepted(job, answer);
  } catch {
    // Sent or not? The stream tells: it finds the job by its key, or says that nobody knows of it.
    form.notice(t("error.page_unreachable"));
  }
  jobs.watch();
  refreshAllowance();
}

/** Ask for a job to be taken back; answer with what the visitor should know, or null. */
async function cancel(job) {
  const { key, own: ownToken, record } = job;
  try {
    const answer = await server.cancel({ key, request_id: record.request_id, own: ownToken, visit: jobs.visit });
    if (answer.error) return sentence(answer.error, record.request_id);
    return answer.state === "cancelled" ? null : t("job.not_cancellable");
  } catch {
    return t("error.page_unreachable");
  }
}

/** Put a request's settings into the form. Gradio sets its own controls: a button out of sight asks it to. */
function fill(request) {
  filling = settings.fields.map((field) => request[field.name] ?? field.default);
  document.querySelector("#fill").click();
  document.querySelector("#field-prompt textarea")?.focus();
}

async function refreshAllowance() {
  if (!settings.limited) return;
  const frame = await present("#allowance");
  const answer = await server.allowance({ visit: jobs.visit }).catch(() => ({}));
  sayAllowance(frame, answer);
}

window.seedream = { generate, fill, filling: () => filling };
window.addEventListener("seedream:wall", start);
start();
