// How jobs are, as the server tells it: one event stream for all that are not done, in all tabs of this browser, opened
// again whenever it is cut. The tab that leads holds it, and hands on what it hears.

import { joinTabs } from "../lib/leading-tab.js";
import { payer } from "../lib/payer.js";
import { serverEvents } from "../lib/server-events.js";
import { isEnd } from "./entries.js";
import * as jobs from "./store.js";

// The server follows no more at once. Of more than that, each has its turn.
const MOST_AT_ONCE = 60;
const TURN_MILLISECONDS = 10_000;
// Other tabs that are asked what they want answer within about this time; who comes later is taken in, too.
const ANSWER_MILLISECONDS = 20;
// Often at first, for most outages are short: then the page is right within five seconds.
const [FIRST_WAIT, USUAL_WAIT, LONGEST_WAIT] = [1000, 4000, 30_000];
const FREQUENT_TRIES = 9;
// The server's beat is quicker: what is silent for longer may be a line that nobody is at the end of.
const SURE_MILLISECONDS = 20_000;
// Why the server can't be heard: what a refusal means; all else means that the connection is lost.
const LOST = "state.reconnecting";
const REFUSALS = { 401: "state.log_in", 422: "state.reload" };

const tabs = joinTabs("seedream.stream", { lead, rest, hear: fromAnotherTab });
// What is wanted, as the server takes it, by job: here, and in the other tabs.
let mine = new Map();
const theirs = new Map();
const turns = new Map();
let turn = 0;
let followed = new Set();
let reading = null;
let timer = 0;
let failures = 0;
let triedAt = 0;
let heardAt = 0;
let planned = false;

const hear = {
  open: () => connection(null),
  beat() {},
  lost: ({ why }) => connection(why),
  record({ key, record, request }) {
    jobs.update(key, "record", (job) => {
      // Another tab asks for what is complete here.
      if (isEnd(job.record) && complete(job)) return;
      if (record.status === "in_progress") job.drawingAt ??= Date.now();
      // A server that has never seen the job does not know its request ID; this browser does.
      job.record = { ...record, request_id: record.request_id ?? job.record.request_id };
      job.request ??= request;
    });
  },
  picture({ key, number, ...picture }) {
    jobs.update(key, "picture", (job) => {
      job.pictures[number] = picture;
    });
  },
  // Of what has ended, the server has told all that it could.
  done: () => want(jobs.shown().filter(({ record }) => !record.ended)),
};

/** Watch every unfinished job, and ask anew for all of them. */
export function watch() {
  if (planned) return;
  planned = true;
  queueMicrotask(() => {
    planned = false;
    want(jobs.shown().filter(unfinished));
    if (!wanted().size) tabs.withdraw();
    else if (tabs.leads()) read();
    else {
      tabs.tell({ again: true });
      tabs.stand();
    }
  });
}

/** Say what this tab waits for. */
function want(wished) {
  const rows = wished.map(({ key, record, own }) => [key, [key, record.request_id, own, own ? payer().seal : null]]);
  const before = JSON.stringify([...mine]);
  mine = new Map(rows);
  if (JSON.stringify(rows) !== before) tabs.tell({ want: rows });
}

/** What any tab waits for, by job. One of them may know more of it: the request ID, or the token that it was made with. */
function wanted() {
  const all = new Map(mine);
  for (const rows of theirs.values()) {
    for (const [key, row] of rows) all.set(key, all.get(key)?.map((each, place) => each ?? row[place]) ?? row);
  }
  return all;
}

function lead() {
  askTheOthers();
  plan(ANSWER_MILLISECONDS);
}

function rest() {
  reading?.abort();
  reading = null;
  clearTimeout(timer);
}

/** Know again what other tabs want: one that was killed doesn't say that it wants nothing any more. */
function askTheOthers() {
  theirs.clear();
  tabs.tell({ ask: true });
}

function fromAnotherTab({ ask, want: rows, again, name, data }, tab) {
  if (ask) tabs.tell({ want: [...mine] });
  if (rows) theirs.set(tab, new Map(rows));
  if (tabs.leads() && (again || rows?.some(([key]) => !followed.has(key)))) plan(ANSWER_MILLISECONDS);
  if (name) take(name, data);
}

/** Take in what the server says, or that it can't be heard, in this tab and in those that it leads. */
function take(name, data) {
  if (tabs.leads()) tabs.tell({ name, data });
  heardAt = Date.now();
  hear[name](data);
  if (name === "record" || name === "picture") want(jobs.shown().filter((job) => mine.has(job.key) && unfinished(job)));
}

function plan(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(read, milliseconds);
}

/** Read one stream to its end. Cut, or left with jobs that it could not follow, it is opened anew. */
async function read() {
  rest();
  const all = inTurn([...wanted().values()]);
  if (!all.length) {
    tabs.withdraw();
    return;
  }
  const own = (reading = new AbortController());
  followed = new Set(all.map(([key]) => key));
  triedAt = performance.now();
  if (all.length < wanted().size) plan(TURN_MILLISECONDS);
  let over = false;
  let why = LOST;
  try {
    for await (const { name, data } of serverEvents("atelier/watch", { jobs: all }, own.signal)) {
      if (own.signal.aborted) return;
      // A line that lives for as long as it takes to hear this is a good one.
      if (name === "beat") failures = 0;
      over = name === "done";
      take(name, data);
    }
  } catch ({ status }) {
    why = REFUSALS[status] ?? LOST;
  }
  if (own.signal.aborted) return;
  reading = null;
  if (over) askTheOthers();
  else take("lost", { why });
  // A stream that told all that was asked for is none, however short it was.
  failures = over && !mine.size ? 0 : failures + 1;
  plan(why === REFUSALS[422] ? LONGEST_WAIT : pause());
}

/** As many jobs as the server follows at once, those first that have waited longest. */
function inTurn(rows) {
  const waited = rows.sort(([one], [other]) => (turns.get(one) ?? 0) - (turns.get(other) ?? 0));
  turn += 1;
  const chosen = waited.slice(0, MOST_AT_ONCE);
  for (const [key] of chosen) turns.set(key, turn);
  return chosen;
}

/** How long to wait after so many tries: a little less than is said, so that not all visitors come at once. */
function pause() {
  const frequent = Math.min(FIRST_WAIT * 2 ** Math.max(failures - 1, 0), USUAL_WAIT);
  const rare = Math.min(USUAL_WAIT * 2 ** (failures - FREQUENT_TRIES), LONGEST_WAIT);
  return Math.max(frequent, rare) * (1 - Math.random() / 5);
}

/** Ask at once when the network is back, or the page is looked at again. */
function hurry() {
  const asked = reading && performance.now() - triedAt < FIRST_WAIT;
  const unsure = failures || Math.abs(Date.now() - heardAt) > SURE_MILLISECONDS;
  if (tabs.leads() && !document.hidden && unsure && !asked) read();
}
addEventListener("online", hurry);
document.addEventListener("visibilitychange", hurry);

// A page that is left may lie in the back-forward cache: it lets go of everything, or it can't, and hears of nothing.
addEventListener("pagehide", () => {
  want([]);
  tabs.disconnect();
});
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) {
    hurry();
    return;
  }
  tabs.connect();
  jobs.catchUp();
  watch();
});

// What another tab asks for anew is under way here, too.
jobs.listen((job, change) => change === "record" && unfinished(job) && !mine.has(job.key) && watch());

function unfinished(job) {
  return !job.record.ended || !complete(job);
}

function complete(job) {
  return job.record.outputs.every((_, number) => job.pictures[number]);
}

/** Say of the jobs under way why the server can't be heard; null if it can. */
function connection(why) {
  for (const { key, record, lost } of jobs.shown()) {
    if (record.ended || (lost ?? null) === why) continue;
    jobs.update(key, "connection", (job) => {
      job.lost = why;
    });
  }
}
