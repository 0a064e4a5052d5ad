// What the page leaves in the browser for the shell of its next opening (wall.js): two scripts that never meet.

/** The wall, as JSON; one of another version is not understood. */
export const WALL = "seedream.wall";
export const VERSION = 1;
/** Each job, by its key. */
export const JOB = "seedream.job.";
/** The tab's last page, with the jobs that had a card on it. */
export const LEFT = "seedream.left";
/** The small copies of pictures, each by `copyId`. */
export const COPIES = { database: "seedream.thumbnails", store: "thumbnails" };

export function copyId(key, index) {
  return `${key}/${index}`;
}

// How long the server knows a job by its key alone.
const KNOWN_BY_KEY_MILLISECONDS = 60 * 60 * 1000;

/** Whether how a remembered job ended is still to be heard: the page asks for it, and it has a card. */
export function isAskedFor({ at, record: { status, ended, request_id: requestId } }) {
  return !ended || (status === "unknown" && !requestId && Date.now() - at < KNOWN_BY_KEY_MILLISECONDS);
}

/** What of a job's record decides the shape of its row. */
export function stateOf({ status, error, outputs }) {
  return [status, error?.code, outputs.length].join(" ");
}
