// The jobs of this browser: which are whose is kept here alone, and how they are comes from the server.
//
// A job is remembered before it is sent, under a key made for that very press of the button. Each has an
// entry of its own in localStorage, so that two tabs never overwrite each other.

const PREFIX = "seedream.job.";
const MOST_KEPT = 50;
const REOPEN_MILLISECONDS = 3000;

const jobs = new Map();
const listeners = new Set();
let stream = null;

/** Hear of each change: `(job, change)`, where change is "new", "record", "picture" or "connection". */
export function listen(listener) {
  listeners.add(listener);
}

/** Remember what is about to be sent, and return it. */
export function intend(request) {
  const job = {
    key: crypto.randomUUID(),
    at: Date.now(),
    request,
    record: { status: "submitting", outputs: [], ended: false, error: null, request_id: null },
    pictures: [],
  };
  jobs.set(job.key, job);
  keep(job);
  forgetOldest();
  tell(job, "new");
  return job;
}

/** Take in the request as the server checked it. */
export function accepted(job, request) {
  job.request = request;
  keep(job);
}

/** Drop a job that was never sent. */
export function withdraw(job) {
  jobs.delete(job.key);
  localStorage.removeItem(PREFIX + job.key);
  tell(job, "withdrawn");
}

/** Take up what this browser left unfinished. */
export function recall() {
  const found = [];
  for (let index = 0; index < localStorage.length; index += 1) {
    const name = localStorage.key(index);
    if (!name.startsWith(PREFIX)) continue;
    try {
      found.push(JSON.parse(localStorage.getItem(name)));
    } catch {
      localStorage.removeItem(name);
    }
  }
  found.sort((one, other) => one.at - other.at);
  for (const kept of found.filter((job) => !job.record.ended)) {
    const job = { ...kept, pictures: [] };
    jobs.set(job.key, job);
    tell(job, "new");
  }
  watch();
}

/** Watch every unfinished job, over one stream. The browser opens it again by itself when it is cut. */
export function watch() {
  stream?.close();
  const open = [...jobs.values()].filter((job) => !job.record.ended || !complete(job));
  if (!open.length) {
    stream = null;
    return;
  }
  const named = JSON.stringify(open.map((job) => [job.key, job.record.request_id]));
  stream = new EventSource(`atelier/watch?jobs=${encodeURIComponent(named)}`);
  stream.addEventListener("record", (event) => {
    const { key, record } = JSON.parse(event.data);
    change(key, "record", (job) => {
      job.record = record;
      keep(job);
    });
  });
  stream.addEventListener("picture", (event) => {
    const { key, number, ...picture } = JSON.parse(event.data);
    change(key, "picture", (job) => {
      job.pictures[number] = picture;
    });
  });
  stream.addEventListener("done", () => {
    stream.close();
    stream = null;
    // A job that the stream could not follow to its end is asked for once more.
    if ([...jobs.values()].some((job) => !job.record.ended)) setTimeout(watch, REOPEN_MILLISECONDS);
  });
  stream.addEventListener("open", () => connected(true));
  stream.addEventListener("error", () => {
    connected(false);
    // After an answer that is not a stream, such as a proxy's error page, the browser does not try again.
    if (stream?.readyState === EventSource.CLOSED) setTimeout(watch, REOPEN_MILLISECONDS);
  });
}

function complete(job) {
  return job.record.outputs.every((_, number) => job.pictures[number]);
}

function connected(now) {
  for (const job of jobs.values()) {
    if (job.record.ended || job.lost === !now) continue;
    job.lost = !now;
    tell(job, "connection");
  }
}

function change(key, what, make) {
  const job = jobs.get(key);
  if (!job) return;
  make(job);
  tell(job, what);
}

function tell(job, what) {
  for (const listener of listeners) listener(job, what);
}

function keep(job) {
  const { pictures, lost, ...kept } = job;
  try {
    localStorage.setItem(PREFIX + job.key, JSON.stringify(kept));
  } catch {
    // A full or forbidden store: the job still runs and is shown, it is only not remembered.
  }
}

function forgetOldest() {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  const ended = names.map((name) => JSON.parse(localStorage.getItem(name))).filter((job) => job.record.ended);
  ended.sort((one, other) => one.at - other.at);
  for (const job of ended.slice(0, Math.max(0, names.length - MOST_KEPT))) {
    localStorage.removeItem(PREFIX + job.key);
  }
}
