// The page's own script: what happens between the button and the wall.

import { askForToken, own } from "./form/account.js";
import * as chosen from "./form/values.js";
import { takeFiles } from "./import/file-drop.js";
import { present } from "./lib/elements.js";
import * as form from "./form/form.js";
import { keepHistory, openFromAddress, sayAllowance } from "./history/history.js";
import * as jobs from "./job/jobs.js";
import { offerLanguages } from "./lib/language-switch.js";
import { leaveOnExit, left, loadAnew } from "./job/page-restore.js";
import { tellPrice } from "./form/price.js";
import { refilling } from "./form/fill-and-undo.js";
import { followLinks, offerLink } from "./form/setup-link.js";
import { signal } from "./job/notify.js";
import { offerSizes } from "./form/sizes.js";
import { startingPoints } from "./form/examples.js";
import { arrive, sentence, t } from "./lib/texts.js";
import { hang } from "./gallery/gallery.js";

// A double click, or a key held down, is one press. Each further one within this time makes it start anew.
const ONE_PRESS_MILLISECONDS = 800;

let server;
let settings;
let lastPress = { at: 0, asked: "" };

async function start() {
  if (!window.seedreamWall || server) return;
  const { element: frame } = window.seedreamWall;
  ({ server, settings } = window.seedreamWall);
  await arrive();
  chosen.begin(settings.fields);
  const refill = refilling(settings.fields);
  const fill = (request, words) => {
    refill.fill(request, words);
    document.querySelector("#field-prompt textarea")?.focus();
  };
  const use = (request) => fill(request, t("refill.filled"));
  const points = startingPoints(settings, refill.fill);
  const does = { offline: settings.offline, cancel, send, press, vary: use, welcome: points.cards() };
  jobs.listen(hang(frame, does));
  jobs.listen((job, change) => {
    if (change === "record" && job.record.ended) refreshAllowance();
  });
  keepHistory(frame, { use, own, offline: settings.offline });
  form.attach(settings, { points, refill });
  offerSizes(settings.fields);
  tellPrice({ offline: settings.offline, ask: () => server.price({}) });
  offerLink(chosen.now);
  const before = left();
  putBack(before).then(() => leaveOnExit(chosen.now));
  followLinks((values) => refill.fill(values, ""), form.notice);
  takeFiles({ fill, tell: refill.tell, fields: settings.fields });
  if (!settings.offline) askForToken((token) => server.bring_token({ visit: jobs.visit, token }), refreshAllowance);
  jobs.hangAgain(before?.shown);
  signal();
  jobs.recall();
  takePresses();
  openFromAddress(own());
  refreshAllowance();
  await offerLanguages((focus) => loadAnew(chosen.now(), focus));
  if (before?.focus) document.getElementById(before.focus)?.focus();
}

/** Put back what was in the form when the page was left, as far as it is still on offer. */
async function putBack(before) {
  const [input] = await Promise.all(["#field-prompt textarea", "#fill"].map(present));
  if (!before) return;
  const fit = settings.fields.filter(({ name, choices, default: usual }) =>
    // Who was quicker than this script has the word.
    choices.length ? choices.includes(before.values[name]) : input.value === usual,
  );
  chosen.put(Object.fromEntries(fit.map(({ name }) => [name, before.values[name]])));
}

/** Take each press of the button, also those that came before this script did. */
function takePresses() {
  const waiting = (window.seedreamPresses ??= []);
  const take = () => waiting.splice(0).forEach((values) => generate(values));
  window.addEventListener("seedream:press", take);
  take();
}

/** One press of the button. */
async function generate(values) {
  const request = named(values);
  if (!String(request.prompt ?? "").trim()) {
    form.notice(sentence({ code: "prompt_empty" }));
    document.querySelector("#field-prompt textarea")?.focus();
    return;
  }
  await press(request);
}

/** Send a request, once for each press. */
async function press(request, tell = form.notice) {
  const now = { at: Date.now(), asked: JSON.stringify(request) };
  const again = now.asked === lastPress.asked && now.at - lastPress.at < ONE_PRESS_MILLISECONDS;
  lastPress = now;
  if (!again) await send(request, tell);
}

/** Send a request: remembered first, then sent once. `tell(text)` says what goes wrong, where it was pressed. */
async function send(request, tell = form.notice) {
  tell(null);
  const job = jobs.intend(request);
  try {
    const answer = await server.submit({ key: job.key, values: request, visit: jobs.visit });
    if (answer.error) {
      jobs.withdraw(job);
      tell(sentence(answer.error));
      return;
    }
    jobs.accepted(job, answer);
  } catch {
    // Sent or not? The stream tells: it finds the job by its key, or says that nobody knows of it.
    tell(t("error.page_unreachable"));
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

function named(values) {
  return Object.fromEntries(settings.fields.map((field, index) => [field.name, values[index]]));
}

async function refreshAllowance() {
  if (!settings.limited) return;
  const frame = await present("#allowance");
  const answer = await server.allowance({ visit: jobs.visit }).catch(() => ({}));
  sayAllowance(frame, answer);
}

window.seedream = { filling: chosen.filling, changed: chosen.heard };
window.addEventListener("seedream:wall", start);
start();
