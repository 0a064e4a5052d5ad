// What is asked of the server: a job is sent once for each press, and taken back where that can be.

import { notice } from "../form/notice.js";
import { referencesOf, sendable } from "../lib/reference-tokens.js";
import { nothingLeft, picturesLeft, refresh } from "../lib/funds.js";
import { settings } from "../lib/settings.js";
import { newKey } from "../lib/keys.js";
import { sentence, t } from "../lib/texts.js";
import * as jobs from "./store.js";
import { drawsSamples, isSample, payer, setPayer } from "../lib/payer.js";
import { watch } from "./stream.js";
import { takeTicket } from "./ticket.js";
import { count as countForVisit } from "./visit-cost.js";

// A double click, or a key held down, is one press. Each further one within this time makes it start anew. It is in one
// place of the page: whoever presses elsewhere, means it.
export const ONE_PRESS_MILLISECONDS = 800;
// Any of several replicas may answer, and one of them alone honours the ticket: of three, all tries miss it once in
// twenty thousand presses.
const MOST_ELSEWHERE = 25;
const ELSEWHERE_MILLISECONDS = 40;
// A server that can't be reached is asked again at longer and longer intervals, in all for some eight seconds.
const MOST_LOST = 4;
const LOST_MILLISECONDS = 500;

// After these, the page must not go on saying that the visitor pays.
const WITHOUT_TOKEN = new Set(["own_token_needed", "own_token_unwanted"]);

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Sending by `server`: `press`, `send` and `cancel`. */
export function submission(server) {
  let lastPress = { at: -Infinity, asked: "", tell: null };

  /**
   * Send a request once for each press, `count` times, and `tell(text)` what goes wrong; `made(jobs)` hears what it is. `at`:
   * when the hand pressed, by the event's own clock: a busy page may hear of it much later.
   */
  async function press(request, { tell = notice, at = performance.now(), count = 1, made } = {}) {
    const now = { at, asked: JSON.stringify([count, request]), tell };
    const same = now.asked === lastPress.asked && now.tell === lastPress.tell;
    const again = same && now.at - lastPress.at < ONE_PRESS_MILLISECONDS;
    lastPress = now;
    if (!again) await send(request, tell, count, made);
  }

  /**
   * Send a request: remembered first, then sent once. `count` times, it is so many jobs, alternatives, all of them remembered
   * before the first is sent. `tell(text)` says what goes wrong, where it was pressed, and `made(jobs)` hears what they are.
   */
  async function send(request, tell = notice, count = 1, made = () => {}) {
    const nothing = nothingLeft();
    tell(nothing ? nothing.sentence : null);
    if (nothing) {
      // What has become more meanwhile is shown before it is spent.
      refresh();
      return;
    }
    const whole = await sendable(request);
    if (!whole) {
      tell(t("reference.gone"));
      return;
    }
    const who = payer();
    const usual = { request, own: who.own, sample: drawsSamples(), at: Date.now(), record: { status: "submitting" } };
    const sent = groups(count).map((group) => jobs.add({ ...usual, group }));
    sent.forEach(countForVisit);
    made(sent);
    const [{ ticket, error }, tooMany] = await Promise.all([takeTicket(), beyondWhatIsLeft(count)]);
    if (error || tooMany) {
      sent.forEach(jobs.forget);
      tell(tooMany || sentence(error));
      return;
    }
    const order = { ticket, values: whole, ...who };
    const refusals = await someAtOnce(sent, placesFor(whole), (job) => sendOne(job, order, tell));
    tellRefusals(refusals.filter(Boolean), count, tell);
    refresh();
  }

  /** Send one job. Promises why it was refused, or null. */
  async function sendOne(job, order, tell) {
    try {
      const answer = await deliver({ key: job.key, ...order }, tell);
      if (answer.error) {
        jobs.forget(job);
        return answer.error;
      }
      jobs.update(job.key, "record", (sent) => {
        // Of references the server tells what they were; this page knows where they are.
        const references = referencesOf(job.request);
        sent.request = { ...answer.request, ...(references.length ? { [settings.edit.field]: references } : {}) };
        sent.record = answer.record;
      });
    } catch {
      // Sent or not? The stream tells: it finds the job by its key, or says that nobody knows of it.
    }
    watch();
    return null;
  }

  /** Bring an order to whom its ticket names. The very same once more pays for nothing: key and ticket hold once. */
  async function deliver(order, tell) {
    for (let elsewhere = 0, lost = 0; ; ) {
      try {
        const answer = await server.submit(order);
        if (lost) tell(null);
        if (answer.error?.code !== "press_elsewhere") return answer;
        elsewhere += 1;
        if (elsewhere === MOST_ELSEWHERE) throw new Error(answer.error.code);
        await pause(ELSEWHERE_MILLISECONDS);
      } catch (error) {
        if (elsewhere === MOST_ELSEWHERE) throw error;
        tell(t("error.page_unreachable"));
        if (lost === MOST_LOST) throw error;
        await pause(LOST_MILLISECONDS * 2 ** lost);
        lost += 1;
      }
    }
  }

  /** Ask for a job to be taken back; answer with what the visitor should know, or null. */
  async function cancel(job) {
    const { key, own, record } = job;
    try {
      const answer = await server.cancel({ key, request_id: record.request_id, ...payer(), own });
      if (answer.error) return sentence(answer.error, record.request_id);
      if (answer.state === "cancelled") return null;
      return t(isSample(job) ? "job.not_cancellable_sample" : "job.not_cancellable");
    } catch {
      return t("error.page_unreachable");
    }
  }

  return { press, send, cancel };
}

/** What each of so many jobs is told of its group; one alone has none. */
function groups(count) {
  const id = newKey();
  return Array.from({ length: count }, (_, index) => (count > 1 ? { id, number: index + 1, count } : null));
}

/** What the visitor should know before anything is sent, where fewer pictures are left than were asked for; or null. */
async function beyondWhatIsLeft(count) {
  const left = count > 1 ? await picturesLeft() : undefined;
  return 0 < left && left < count ? t("how_many.beyond", { left, count }) : null;
}

/** How many copies of a request may be on their way at once: the server takes only so many bytes of one visitor's. */
function placesFor(request) {
  const size = referencesOf(request).reduce((sum, { length }) => sum + length, 0);
  return size ? Math.max(1, Math.floor(settings.edit.most_characters_in_all / size)) : Infinity;
}

/** Do something with each, with so many at once. Promises what came of each. */
async function someAtOnce(all, places, work) {
  if (all.length <= places) return Promise.all(all.map(work));
  const first = await Promise.all(all.slice(0, places).map(work));
  return [...first, ...(await someAtOnce(all.slice(places), places, work))];
}

/** Say why jobs were refused, of `count` that were pressed for, and how many were not. */
function tellRefusals(refusals, count, tell) {
  if (!refusals.length) return;
  const [first] = refusals;
  if (WITHOUT_TOKEN.has(first.code)) setPayer(null);
  const sent = count - refusals.length;
  tell(sent ? t("how_many.partly", { sent, count, reason: sentence(first) }) : sentence(first));
}
