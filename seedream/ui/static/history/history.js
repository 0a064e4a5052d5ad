// All pictures that this browser has made, by day, the newest first: looked at, found, starred, used again, removed.

import { smallPicture, through } from "../gallery/everything.js";
import { reveal } from "../gallery/gallery.js";
import * as thumbnails from "../gallery/thumbnails.js";
import { takeLargeAway } from "../job/brought.js";
import { placesOf, together } from "../job/group.js";
import * as jobs from "../job/store.js";
import { watch } from "../job/stream.js";
import { open, show } from "../job/take-up.js";
import { button } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { outlasting } from "../lib/store.js";
import { inARow, t } from "../lib/texts.js";
import { byDay } from "./days.js";
import { makeFinder } from "./finder.js";
import { dropWall, keepWall } from "./keep-wall.js";
import { makeRow, rowState, showCopies } from "./row.js";
import { makeSelectionBar } from "./selection-bar.js";
import { makeSelection } from "./selection.js";
import { makeTray } from "./tray.js";
import { makeUndo } from "./undo.js";

// As the server takes it.
const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
// Rows that are drawn at first, and each time that the end of them comes near: few, as somebody scrolls.
const AT_FIRST = 40;
const AT_ONCE = 8;

/**
 * Put all pictures under the gallery. `use(request)` fills the form, `press(request)` sends one, `cancel(job)` takes one back,
 * `own()` tells whose token is in use, and `view` shows pictures large. Return `forget(job)`.
 */
export function showHistory(root, { use, press, cancel, own, view }) {
  const title = element("h2", { class: "history-title", tabindex: "-1" }, t("history.title"));
  const tray = makeTray();
  const undo = makeUndo(tray, back);
  const empty = element("p", { class: "history-note" });
  const days = element("div", { class: "history-days" });
  const end = element("div", { class: "history-end", hidden: true });
  const forgets = element("p", { class: "history-note not-kept", role: "status" });
  const finder = makeFinder(() => draw());
  const clear = button(t("history.forget_all"), () => {
    if (!window.confirm(t("history.forget_sure"))) return;
    undo.forget(jobs.all(), t("history.forgotten_all"));
    jobs.forgetAll();
    watch();
  });
  const does = {
    use,
    press: (request, at) => press(request, { at }),
    open: (job, index) => view.open({ job, index }, large),
    show(job) {
      show(job);
      reveal(job);
    },
    forget: (job) => undo.forget([job]),
    starred: () => draw(),
    select: (job) => selection.add(placesOf(job)),
    selected: (place) => selection.has(place),
  };
  let most = AT_FIRST;
  let rows = new Map();
  // In the order of the page: what stands together follows each other, however long ago it was made.
  let groups = [];
  let found = [];

  function draw() {
    // In a full store the page knows more of a job than what is kept.
    const shown = jobs.shown();
    const ended = new Map(shown.filter(({ record }) => record.ended).map((job) => [job.key, job]));
    const remembered = jobs.remembered().map((job) => ended.get(job.key) ?? job);
    // What goes on above, and is not looked for, stands there alone.
    const above = new Set(finder.narrows() ? [] : shown.filter(({ large }) => !large).map(({ key }) => key));
    const listed = remembered.filter((job) => finder.finds(job) && (job.record.ended || !above.has(job.key)));
    groups = [...together(listed)];
    found = groups.flatMap(([, members]) => members);
    say(empty, remembered.length ? t("history.nothing_found") : t("history.empty"));
    empty.hidden = found.length > 0 || (remembered.length > 0 && !finder.narrows());
    select.hidden = !found.flatMap(placesOf).length;
    finder.root.hidden = clear.hidden = !remembered.length;
    say(forgets, { nothing: t("history.not_kept"), some: t("history.full") }[outlasting()] ?? "");
    const there = new Set(remembered.map(({ key }) => key));
    selection.keep(({ job }) => there.has(job.key));
    drawRows();
    if (!finder.narrows()) keepWall(section, new Map([...rows].slice(0, AT_FIRST)));
  }

  /** Draw as many of what was found as somebody has come near to, no group in part; those that are `known` stay as they are. */
  function drawRows(known = new Map()) {
    const drawn = new Map();
    const near = groups.filter(([, members]) => {
      if (drawn.size >= most) return false;
      members.forEach((job) => drawn.set(job.key, known.get(job.key) ?? rowOf(job)));
      return true;
    });
    rows = drawn;
    byDay(days, near.map(([id, members]) => [id, members.map(({ key }) => rows.get(key))]), cancel);
    end.hidden = drawn.size >= found.length;
  }

  function rowOf(job) {
    const state = rowState(job);
    const before = rows.get(job.key);
    // What somebody is at doesn't change under the hand, but for a picture that has come.
    const held = before?.root.contains(document.activeElement);
    if (held) showCopies(before.root, job);
    const stays = before && (before.state === state || held);
    return { ...(stays ? before : { state, root: makeRow(job, does) }), job };
  }

  // What has come into the browser meanwhile is drawn once, however many have changed.
  let planned = false;
  const plan = () => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => {
      planned = false;
      draw();
    });
  };

  /** The pictures that are back have the focus; where there are none, the list has. */
  function back(keys) {
    draw();
    const row = keys.map((key) => rows.get(key)?.root).find(Boolean);
    (row?.querySelector("button") ?? title).focus({ preventScroll: !row });
  }

  const places = () => found.flatMap(placesOf);
  // Every picture that was found, the newest job's first.
  const large = through(places, smallPicture);
  const changed = () => {
    bar.update();
    select.setAttribute("aria-pressed", String(selection.isOn()));
  };
  const selection = makeSelection(days, { places, changed });
  // Where nothing hovers, selecting begins with it for who doesn't know of a finger that stays.
  const begin = () => (selection.isOn() ? selection.end() : selection.begin());
  const select = button(t("history.select"), begin, { class: "history-select", "aria-pressed": "false" });
  const bar = makeSelectionBar(tray, selection, { ...does, forget: undo.forget, leave: takeLargeAway });
  const section = element(
    "section",
    { class: "history" },
    element("div", { class: "history-head" }, title, select, finder.root),
    outlasting() !== "nothing" && element("p", { class: "history-note history-where" }, where()),
    tray.root,
    empty,
    days,
    end,
    element("div", { class: "history-foot" }, openById(own), clear),
  );
  root.append(forgets, section);
  const nearEnd = (changes) => {
    if (!changes.at(-1).isIntersecting) return;
    most += AT_ONCE;
    drawRows(rows);
    // It may still be near.
    coming.unobserve(end);
    coming.observe(end);
  };
  const coming = new IntersectionObserver(nearEnd, { rootMargin: "1200px" });
  coming.observe(end);
  jobs.listen((_, change) => ["new", "record", "removed"].includes(change) && plan());
  // Its words are gone at once, also from what is kept for the next opening.
  jobs.listen((_, change) => change === "removed" && dropWall());
  jobs.listenElsewhere(plan);
  thumbnails.listen(plan);
  const known = new Set(jobs.remembered().map(({ key }) => key));
  thumbnails.arrive((key) => known.has(key)).then(draw);
  return { forget: does.forget };
}

/** Where it is kept. What a page keeps in another site's frame, browsers keep apart. */
function where() {
  const kept = t("history.kept");
  try {
    return top.document && kept;
  } catch {
    return inARow(kept, t("history.kept_apart"));
  }
}

function openById(own) {
  const attributes = { type: "text", class: "text-field", name: "request-id", autocomplete: "off", spellcheck: "false" };
  const input = element("input", attributes);
  const unfit = element("p", { role: "alert" });
  const submit = (event) => {
    event.preventDefault();
    const requestId = input.value.trim();
    const fits = REQUEST_ID.test(requestId);
    say(unfit, fits || !requestId ? "" : t("error.request_id_unfit"));
    if (!fits) return;
    open(requestId, own());
    input.value = "";
  };
  return element(
    "form",
    { class: "history-open", submit },
    element("label", {}, element("span", {}, t("history.paste")), input),
    button(t("history.paste_open"), null, { type: "submit" }),
    unfit,
  );
}

/**
 * Show the job that the page's address names; `own` tells whether the visitor's own token is in use. The address
 * stays as it is, so that a reload shows the job again, and known by its ID it has one card whatever happens.
 */
export function openFromAddress(own) {
  const requestId = new URL(location.href).searchParams.get("request_id")?.trim();
  if (requestId) open(requestId, own);
}
