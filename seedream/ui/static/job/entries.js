// What a browser remembers of a job, as one entry: its shape, and the rule by which what two tabs know becomes one.
// Nothing here knows the store or the page.
//
// The rule is the same in whatever order, and however often, knowledge comes together: a request ID is never lost, an
// end is never undone by less knowledge, what is forgotten stays so until the visitor brings it back.

const VERSION = 1;
const ENDS = ["cancelled", "failed", "completed"];
const UNDER_WAY = ["in_queue", "in_progress"];
// What a browser knows of a job that has a request ID, if it knows nothing else.
const TAKEN = { status: "in_queue", queue_position: null, outputs: [], ended: false, error: null };

/**
 * The entry of a job. It lives once more each time that it is brought back; `looks` counts how often it was asked for
 * anew, because what is found then replaces what was found before. `group` is `{ id, number, count }` where one press
 * sent several jobs: which they are, and which of how many this one is.
 */
export function entryOf({ key, at, drawingAt = null, request, own, sample = null, group = null, life, looks, record }) {
  const known = { key, life, at, drawingAt, request, own, sample, group, looks };
  return { version: VERSION, ...known, record: withRequestId(record) };
}

/** What is left of an entry that is forgotten: enough to know it again, and nothing of what was asked for. */
export function forgotten({ key, life }, at) {
  return { version: VERSION, key, life, at, forgotten: true };
}

/** Read an entry. What is none is null; what a later version of this page wrote is `undefined`, and left alone. */
export function parsed(text, key) {
  try {
    const { version = VERSION, ...found } = JSON.parse(text);
    if (version > VERSION) return undefined;
    const entry = { life: 0, looks: 0, request: null, own: false, ...found };
    if (entry.key !== key || !Number.isInteger(entry.life)) return null;
    if (entry.forgotten) return isTime(entry.at) ? forgotten(entry, entry.at) : null;
    return isSound(entry) ? entryOf(entry) : null;
  } catch {
    return null;
  }
}

/** What two entries of a job know together; either may be missing. */
export function merged(one, other) {
  if (!one || !other) return one || other;
  if (one.life !== other.life) return one.life > other.life ? one : other;
  if (one.forgotten || other.forgotten) return [one, other].filter((each) => each.forgotten).reduce(earliest);
  const { looks, record } = [one, other].reduce((best, each) => (compare(rank(best), rank(each)) < 0 ? each : best));
  return entryOf({
    key: one.key,
    life: one.life,
    at: Math.min(one.at, other.at),
    drawingAt: least(one.drawingAt, other.drawingAt),
    request: least(one.request, other.request),
    own: one.own || other.own,
    sample: least(one.sample, other.sample),
    group: least(one.group, other.group),
    looks,
    record,
  });
}

/** A record in which a request ID stands for that the job was taken: who says otherwise has only not heard of it. */
export function withRequestId(record) {
  const { request_id: requestId, error, status } = record;
  const heardNothing = status === "submitting" || error?.code === "submission_unknown";
  return requestId && heardNothing ? { ...record, ...TAKEN } : record;
}

/** Whether a job has come to an end that no later answer undoes. */
export function isEnd({ status, ended }) {
  return ended && ENDS.includes(status);
}

function rank({ looks, record }) {
  const { status, ended, request_id: requestId, queue_position: position } = record;
  const end = isEnd(record) ? 1 + (status === "completed") : 0;
  const stage = ended ? UNDER_WAY.length + 1 : UNDER_WAY.indexOf(status) + 1;
  return [Boolean(requestId), end, looks, stage, -(position ?? Infinity), JSON.stringify(record)];
}

function compare(one, other) {
  const place = one.findIndex((each, index) => each !== other[index]);
  if (place < 0) return 0;
  return one[place] < other[place] ? -1 : 1;
}

/** The lesser of two values, by any order that is always the same; what is missing is none. */
function least(one, other) {
  if (one === null || other === null) return one ?? other;
  return compare([JSON.stringify(one)], [JSON.stringify(other)]) <= 0 ? one : other;
}

function earliest(one, other) {
  return one.at <= other.at ? one : other;
}

function isSound({ at, drawingAt, request, sample, group, looks, record }) {
  const { status, request_id: requestId, outputs, error, ended, usually } = record;
  return [
    isTime(at),
    isMissing(drawingAt) || isTime(drawingAt),
    request === null || isText(request.prompt),
    isMissing(sample) || typeof sample === "boolean",
    isMissing(group) || isGroup(group),
    Number.isInteger(looks),
    isText(status),
    requestId === null || isText(requestId),
    outputs.every(({ kind }) => isText(kind)),
    error === null || (isText(error.code) && isMissing(error.facts)),
    typeof ended === "boolean",
    isMissing(usually) || (usually.length === 2 && usually.every(Number.isFinite)),
  ].every(Boolean);
}

function isGroup({ id, number, count }) {
  return isText(id) && [number, count].every(Number.isInteger) && 1 <= number && number <= count;
}

function isText(found) {
  return typeof found === "string";
}

function isTime(found) {
  return Number.isFinite(found) && Number.isFinite(new Date(found).getTime());
}

function isMissing(found) {
  return (found ?? null) === null;
}
