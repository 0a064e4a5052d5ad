// What to do about a job that has ended without pictures: the one thing that fits.

import { isSharedGone } from "./shared.js";

// What ended without a picture and without a cost. What may have been charged asks first.
const MAY_BE_TRIED_AGAIN = new Set(["job_cancelled", "job_failed", "no_credit", "service_unreachable", "too_many_requests"]);
const MAY_BE_CHARGED = "submission_unknown";
// After these, looking again would find the same.
const FINAL = new Set(["job_failed", "job_cancelled"]);
// RunComfy has no code for it, only the words of whoever refused.
const BY_SAFETY = /\b(un)?safe(ty)?\b|sensitive|moderat|polic(y|ies)|nsfw|inappropriate|prohibited|copyright/i;

/** "look" at it again, "send" it again though it may be charged, try it "again", "edit" the prompt; null: nothing fits. */
export function fitting(job) {
  const { request, record: { error, request_id: requestId } } = job;
  if (!error || isSharedGone(job)) return null;
  if (requestId && !isFinal(error)) return "look";
  if (!request) return null;
  if (error.code === MAY_BE_CHARGED) return "send";
  return MAY_BE_TRIED_AGAIN.has(error.code) && !isRefused(error) ? "again" : "edit";
}

/** Whether a job has ended for good, without a picture. */
export function isFinal(error) {
  return FINAL.has(error?.code);
}

/** Whether the model's safety system did not let a job through: the same once more would end the same. */
export function isRefused({ code, detail }) {
  return code === "job_failed" && BY_SAFETY.test(detail ?? "");
}
