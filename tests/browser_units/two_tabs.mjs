// Tabs of one browser, played by as many copies of the page's store. As in a browser with a process for each tab, each
// has its own copy of localStorage: what it writes arrives at the others later, in an order that the test chooses.

import { createInterface } from "node:readline";

const folder = process.argv[2];

// A module that is loaded before there is a tab tries whether anything can be kept.
let here = { stored: new Map(), sent: [] };
// The one localStorage that the modules see is that of the tab whose turn it is.
globalThis.window = {
  localStorage: new Proxy(
    {},
    {
      get: (_, name) => METHODS[name],
      ownKeys: () => [...here.stored.keys()],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    },
  ),
};
globalThis.addEventListener = (name, listener) => name === "storage" && (here.onStorage = listener);

const METHODS = {
  getItem: (name) => here.stored.get(name) ?? null,
  setItem: (name, value) => write(name, String(value)),
  removeItem: (name) => here.stored.has(name) && write(name, null),
};

function write(name, value) {
  set(here.stored, name, value);
  here.sent.push({ name, value, from: here });
}

function set(stored, name, value) {
  if (value === null) stored.delete(name);
  else stored.set(name, value);
}

const { merged, parsed } = await import(`${folder}/job/entries.js`);
const { cost, describe, inHistory, progress, promptOf, took } = await import(`${folder}/job/status-text.js`);
let copies = 0;

async function browser(count, entries) {
  const disk = new Map(entries);
  const tabs = [];
  for (let number = 0; number < count; number += 1) {
    const tab = { stored: new Map(entries), sent: [], coming: [], onStorage: () => {} };
    here = tab;
    tab.jobs = await import(`${folder}/job/store.js?copy=${(copies += 1)}`);
    tabs.push(tab);
  }
  /** What a tab wrote first reaches the disk, and is on its way to the others. */
  const flush = (tab) => {
    const change = tab.sent.shift();
    if (!change) return false;
    set(disk, change.name, change.value);
    for (const each of tabs) each.coming.push(change);
    return true;
  };
  /** What comes from the disk is heard, but for what a write of one's own will overwrite. */
  const deliver = (tab) => {
    const change = tab.coming.shift();
    if (!change) return false;
    if (change.from === tab || tab.sent.some(({ name }) => name === change.name)) return true;
    if (tab.coming.some(({ name, from }) => name === change.name && from === tab)) return true;
    const before = tab.stored.get(change.name) ?? null;
    set(tab.stored, change.name, change.value);
    here = tab;
    if (before !== change.value) tab.onStorage({ key: change.name, newValue: change.value });
    return true;
  };
  return { disk, tabs, flush, deliver };
}

const visible = ({ shown, remembered }) => [...shown(), ...remembered()];

// What a visitor, a server and the browser do, in one tab. Each answers what the test needs to know of it.
const STEPS = {
  flush: (tab, _, { flush }) => flush(tab),
  deliver: (tab, _, { deliver }) => deliver(tab),
  add: ({ jobs }, { key, job }) => void jobs.add({ key, ...job }),
  show({ jobs }, { key }) {
    const found = jobs.remembered().find((each) => each.key === key);
    if (found) jobs.add(found);
  },
  record({ jobs }, { key, record }) {
    const found = jobs.shown().find((each) => each.key === key);
    if (found) jobs.update(key, "record", (job) => (job.record = { ...record, request_id: record.request_id ?? job.record.request_id }));
    return Boolean(found);
  },
  look: ({ jobs }, { key }) =>
    jobs.update(key, "record", (job) => {
      job.looks += 1;
      job.record = { ...job.record, ended: false, error: null };
    }),
  forget(tab, { key }) {
    const found = visible(tab.jobs).find((each) => each.key === key);
    if (found) tab.jobs.forget((tab.last = found));
    return Boolean(found);
  },
  bringBack: ({ jobs, last }) => void jobs.add(last),
  forgetAll({ jobs }) {
    const all = visible(jobs).map(({ key }) => key);
    jobs.forgetAll();
    return all;
  },
};

/** Play the steps, let all arrive, and tell what each step said, and what each tab and the disk hold in the end. */
async function play({ tabs: count, entries, steps }) {
  const all = await browser(count, entries);
  const told = steps.map(({ tab: number, act, ...step }) => {
    here = all.tabs[number];
    return STEPS[act](here, step, all) ?? null;
  });
  let rounds = 0;
  for (let busy = true; busy; ) {
    if ((rounds += 1) > 10_000) throw new Error("the tabs never come to an end");
    busy = all.tabs.map((tab) => all.flush(tab) || all.deliver(tab)).some(Boolean);
  }
  const tabs = all.tabs.map((tab) => {
    here = tab;
    return { stored: Object.fromEntries(tab.stored), remembered: tab.jobs.remembered(), shown: tab.jobs.shown() };
  });
  return { told, tabs, disk: Object.fromEntries(all.disk) };
}

const ACTS = {
  play,
  merge: ({ entries }) => {
    const orders = [
      ([a, b, c]) => merged(merged(a, b), c),
      ([a, b, c]) => merged(a, merged(b, c)),
      ([a, b, c]) => merged(merged(c, a), merged(b, a)),
      ([a, b, c]) => merged(c, merged(b, merged(a, merged(b, c)))),
    ];
    return orders.map((order) => order(entries));
  },
  /** What a text is as an entry, and whether the page's words can be made of it. */
  parse({ text, key }) {
    const found = parsed(text, key) ?? null;
    if (!found || found.forgotten) return { found, shown: true };
    const job = { ...found, pictures: [] };
    const said = [describe(job), promptOf(job), took(job), cost(job, false), inHistory(job.record), progress(job)];
    said.push(new Intl.DateTimeFormat("en").format(job.at));
    return { found, shown: true, said };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { act, ...question } = JSON.parse(line);
  let answer;
  try {
    answer = await ACTS[act](question);
  } catch (error) {
    answer = { thrown: String(error.stack) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
