// What is asked of the server: a job is sent once for each press, and taken back where that can be.

import { notice } from "../form/notice.js";
import { referencesOf, sendable } from "../lib/reference-tokens.js";
import { nothingLeft, refresh } from "../lib/funds.js";
import { settings } from "../lib/settings.js";
import { sentence, t } from "../lib/texts.js";
import * as jobs from "./store.js";
import { drawsSamples, payer, setPayer } from "../lib/payer.js";
import { watch } from "./stream.js";
import { takeTicket } from "./ticket.js";
import { count } from "./visit-cost.js";

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

  /** `at`: when the hand pressed, by the event's own clock: a busy page may hear of it much later. */
  async function press(request, tell = notice, at = performance.now()) {
    const now = { at, asked: JSON.stringify(request), tell };
    const same = now.asked === lastPress.asked && now.tell === lastPress.tell;
    const again = same && now.at - lastPress.at < ONE_PRESS_MILLISECONDS;
    lastPress = now;
    if (!again) await send(request, tell);
  }

  /** Send a request: remembered first, then sent once. `tell(text)` says what goes wrong, where it was pressed. */
  async function send(request, tell = notice) {
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
    const job = jobs.add({ request, own: who.own, sample: drawsSamples(), record: { status: "submitting" } });
    count(job);
    try {
      const { ticket, error } = await takeTicket();
      const answer = error ? { error } : await deliver({ key: job.key, ticket, values: whole, ...who }, tell);
      if (answer.error) {
        jobs.forget(job);
        if (WITHOUT_TOKEN.has(answer.error.code)) setPayer(null);
        tell(sentence(answer.error));
        return;
      }
      jobs.update(job.key, "record", (sent) => {
        // Of references the server tells what they were; this page knows where they are.
        const references = referencesOf(request);
        sent.request = { ...answer.request, ...(references.length ? { [settings.edit.field]: references } : {}) };
        sent.record = answer.record;
      });
    } catch {
      // Sent or not? The stream tells: it finds the job by its key, or says that nobody knows of it.
    }
    watch();
    refresh();
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
      return answer.state === "cancelled" ? null : t("job.not_cancellable");
    } catch {
      return t("error.page_unreachable");
    }
  }

  return { press, send, cancel };
}
