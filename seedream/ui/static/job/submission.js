// What is asked of the server: a job is sent once for each press, and taken back where that can be.

import { notice } from "../form/notice.js";
import { sentence, t } from "../lib/texts.js";
import * as jobs from "./store.js";
import { payer, setPayer } from "../lib/payer.js";
import { watch } from "./stream.js";

// A double click, or a key held down, is one press. Each further one within this time makes it start anew.
const ONE_PRESS_MILLISECONDS = 800;

/** Sending by `server`: `press`, `send` and `cancel`. `changed()` hears of each job that was sent. */
export function submission(server, changed) {
  let lastPress = { at: 0, asked: "" };

  async function press(request, tell = notice) {
    const now = { at: Date.now(), asked: JSON.stringify(request) };
    const again = now.asked === lastPress.asked && now.at - lastPress.at < ONE_PRESS_MILLISECONDS;
    lastPress = now;
    if (!again) await send(request, tell);
  }

  /** Send a request: remembered first, then sent once. `tell(text)` says what goes wrong, where it was pressed. */
  async function send(request, tell = notice) {
    tell(null);
    const who = payer();
    const job = jobs.add({ request, own: who.own, record: { status: "submitting" } });
    try {
      const answer = await server.submit({ key: job.key, values: request, ...who });
      if (answer.error) {
        jobs.forget(job);
        // The seal is worth nothing any more: the page must not go on saying that the visitor pays.
        if (answer.error.code === "own_token_needed") setPayer(null);
        tell(sentence(answer.error));
        return;
      }
      jobs.update(job.key, "record", (sent) => {
        sent.request = answer.request;
        sent.record.request_id = answer.request_id;
      });
    } catch {
      // Sent or not? The stream tells: it finds the job by its key, or says that nobody knows of it.
      tell(t("error.page_unreachable"));
    }
    watch();
    changed();
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
