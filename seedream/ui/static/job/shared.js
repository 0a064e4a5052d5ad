// The results that somebody else has shared with this browser: nobody's own, so they are told in other words than jobs are.

import { keptList, remember } from "../lib/store.js";

// The last first: `{ requestId, prompt }`, the prompt empty where the link had none.
const NAME = "seedream.shared";
const MOST_KEPT = 50;
// What RunComfy answers where a link is too old, or was cut on its way.
const GONE = new Set(["not_found", "request_id_unfit"]);

let known = keptList(NAME);

/** Keep in mind what a link led to, and its prompt; without one, what an earlier link told stays. */
export function keepShared(requestId, prompt) {
  const others = known.filter((each) => each.requestId !== requestId);
  known = [{ requestId, prompt: prompt ?? find(requestId)?.prompt ?? "" }, ...others].slice(0, MOST_KEPT);
  remember(NAME, JSON.stringify(known));
}

/** Whether a link has led to the result with this request ID. */
export const wasShared = (requestId) => Boolean(find(requestId));

/** Whether a job is somebody else's. */
export const isShared = ({ request, record }) => !request && wasShared(record.request_id);

/** Whether the pictures of a link can't be found, and looking again would find the same. */
export const isSharedGone = (job) => isShared(job) && GONE.has(job.record.error?.code);

/** The prompt of a job, its own or its link's; empty where nobody told it. */
export function knownPrompt({ request, record }) {
  return request?.prompt ?? find(record.request_id)?.prompt ?? "";
}

function find(requestId) {
  return known.find((each) => each.requestId === requestId);
}
