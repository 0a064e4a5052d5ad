// The gallery: a card for each job, the newest first, and words of welcome while there is none.

import { makeCard } from "../job/card.js";
import { parentOf } from "../job/changed-from.js";
import { isDrawn } from "../job/status-text.js";
import * as jobs from "../job/store.js";
import { element } from "../lib/elements.js";
import { t } from "../lib/texts.js";
import { visibleArea } from "../lib/visible-area.js";
import { makeGroup, membersOf } from "./group.js";
import { isLooking } from "./shared-result.js";
import { makeSpoken } from "./spoken.js";
import { makeView } from "./view.js";

const TICK_MILLISECONDS = 1000;
// A job this young was just asked for, so the visitor wants to see it; older ones were found again.
const FRESH_MILLISECONDS = 2000;
const CHANGES = "job-changes";
// As tall as what stands under a picture, in pixels.
const CAPTION = 40;

const cards = new Map();
const groups = new Map();
// Those that the visitor has asked to see.
const wanted = new Set();

/**
 * Draw the gallery in `root`, and return the large view. `welcome` is shown while it is empty; what else it `does` is as
 * for a card.
 */
export function showGallery(root, { welcome, ...does }) {
  const empty = element("div", { class: "gallery-empty" }, element("p", {}, t("page.empty")), ...welcome);
  const list = element("div", { class: "gallery-jobs" });
  const view = makeView(does);
  const { root: heard, hear } = makeSpoken();
  // Where there are pictures of before, they are what the page begins with.
  const tellEmpty = () => {
    empty.hidden = cards.size > 0 || jobs.remembered().length > 0;
  };
  root.append(element("h2", { class: "gallery-title sr-only" }, t("page.gallery")), heard, empty, list, view.root);
  setInterval(() => {
    cards.forEach((card) => card.tick());
    groups.forEach((_, id) => updateGroup({ group: { id } }));
  }, TICK_MILLISECONDS);
  jobs.listen((job, change) => {
    // What is only looked at large has no card.
    const comes = change !== "removed" && !job.large && !cards.has(job.key);
    if (change === "removed") {
      cards.get(job.key)?.root.remove();
      cards.delete(job.key);
      changesOf(job).forEach((each) => unitOf(each).classList.remove(CHANGES));
    } else if (cards.has(job.key)) cards.get(job.key).update(job);
    else if (comes) {
      leaveBelow();
      const card = makeCard(job, { ...does, view });
      cards.set(job.key, card);
      place(list, job, does.cancel);
      card.update(job);
    }
    updateGroup(job);
    view.update(job);
    hear(job, change);
    tellEmpty();
    // Last, as what goes from above it moves it.
    // Behind what is looked at large, the page stays where it was left; what was shared is told of at its top.
    const stays = view.root.open || isLooking();
    if (comes && !stays && Date.now() - job.at < FRESH_MILLISECONDS) bringIntoView(unitOf(job));
  });
  jobs.listenElsewhere(tellEmpty);
  tellEmpty();
  return view;
}

/**
 * Have cards that are done leave once they are below the window, where nothing moves: what they made is among all
 * pictures. The newest stays, and what a visitor has to do with.
 */
function leaveBelow() {
  const shown = jobs.shown().filter(({ key }) => cards.has(key));
  const isDone = ({ record }) => record.ended && isDrawn(record);
  const goesOn = new Set(shown.filter((job) => !isDone(job)).map(unitOf));
  const done = [...new Set(shown.map(unitOf))].filter((unit) => !goesOn.has(unit));
  for (const unit of done.slice(0, -1)) {
    // It is asked anew also of those that were asked before.
    leaving.unobserve(unit);
    leaving.observe(unit);
  }
}

/** What stands in the gallery as one: a job's card, or the group that it is in. */
function unitOf({ key, group }) {
  return groups.get(group?.id)?.root ?? cards.get(key).root;
}

function updateGroup({ group }) {
  const found = groups.get(group?.id);
  if (!found) return;
  const members = cardedMembers(group);
  found.update(members);
  if (members.length) return;
  found.root.remove();
  groups.delete(group.id);
}

/** Put a job's card among those of its group. */
function putInGroup(job, cancel) {
  const { group } = job;
  if (!group) return;
  if (!groups.has(group.id)) groups.set(group.id, makeGroup(job, cancel));
  groups.get(group.id).put(cardedMembers(group).map(({ key }) => cards.get(key).root));
}

/** The jobs of a group that have a card, in order. */
function cardedMembers(group) {
  return membersOf(group, jobs.shown()).filter(({ key }) => cards.has(key));
}

const leaving = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting, boundingClientRect } of entries) {
    const keys = [target, ...target.querySelectorAll(".job")].map(({ dataset }) => dataset.key).filter(Boolean);
    const isParent = target.nextElementSibling?.classList.contains(CHANGES);
    // What has not come yet would not be among all pictures either.
    const arrived = [...target.querySelectorAll(".tile")].every(({ dataset: { state } }) => state !== "waiting");
    const shown = arrived && [...target.querySelectorAll(".tile img")].every(({ naturalWidth }) => naturalWidth);
    const stays = isIntersecting || boundingClientRect.top <= 0 || keys.some((key) => wanted.has(key)) || isParent || !shown;
    if (!stays && !target.matches(":hover, :focus-within")) keys.forEach((key) => jobs.takeAway({ key }));
  }
});

/** Put a job's card on top, or right under the one whose picture it changes; and under it what changes its own. */
function place(list, job, cancel) {
  putInGroup(job, cancel);
  const unit = unitOf(job);
  const parent = parentOf(job);
  const above = parent && jobs.shown().find(({ key, record }) => record.request_id === parent && cards.has(key));
  unit.classList.toggle(CHANGES, Boolean(above));
  if (above) unitOf(above).after(unit);
  else list.prepend(unit);
  for (const each of changesOf(job)) place(list, each, cancel);
}

/** The jobs on the page that change a picture of this one, the oldest first. */
function changesOf({ record: { request_id: requestId } }) {
  const changes = jobs.shown().filter((job) => requestId && parentOf(job) === requestId && cards.has(job.key));
  return changes.sort((one, other) => one.at - other.at);
}

/** Bring a job's card before the visitor. */
export function reveal({ key }) {
  const { root } = cards.get(key);
  wanted.add(key);
  bringIntoView(root);
  root.focus({ preventScroll: true });
}

/**
 * Show a card's head and its pictures, or where they are taller than the window its head. Nothing moves for what can be
 * done with them, which stands below.
 */
function bringIntoView(root) {
  const { top } = root.getBoundingClientRect();
  const { bottom } = [...root.querySelectorAll(".job-tiles")].at(-1).getBoundingClientRect();
  const seen = visibleArea();
  const room = seen.bottom - seen.top;
  if (top >= seen.top && bottom - CAPTION <= seen.bottom) return;
  const fits = bottom - top <= room;
  if (top < seen.top || (!fits && top > seen.top + room / 2)) root.scrollIntoView({ block: "start" });
  else if (fits) root.scrollIntoView({ block: "nearest" });
}
