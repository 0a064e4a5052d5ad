// Rows under the day that they were asked for on, a group under its newest's. What stays where it is isn't touched: it may
// have the focus.

import { groupMenu, isOffered } from "../gallery/group-menu.js";
import { groupFacts } from "../job/group.js";
import { promptOf } from "../job/status-text.js";
import { arrange, element, say } from "../lib/elements.js";
import { language } from "../lib/texts.js";
import { dayName } from "./day-name.js";

// The jobs of each group's heading, as they are by now.
const members = new WeakMap();

/**
 * Show these groups, `[id, rows]` with each row's `{ job, root }`, the newest first, each under the day of its newest;
 * `cancel(job)` takes one back.
 */
export function byDay(root, groups, cancel) {
  const days = new Map();
  for (const group of groups) {
    const [, [newest]] = group;
    const day = new Date(newest.job.at).setHours(0, 0, 0, 0);
    days.set(day, [...(days.get(day) ?? []), group]);
  }
  const sections = new Map([...root.children].map((section) => [Number(section.dataset.day), section]));
  arrange(root, [...days.keys()].map((day) => sections.get(day) ?? makeDay(day)));
  for (const section of root.children) {
    say(section.firstChild, dayName(Number(section.dataset.day), language));
    const list = section.lastChild;
    arrange(list, days.get(Number(section.dataset.day)).map(([id, rows]) => rowOf(list, id, rows, cancel)));
  }
}

/** What stands for rows in the list: one that is alone, or their group under its heading, which is what it began with. */
function rowOf(list, id, rows, cancel) {
  if (rows.length === 1) return rows[0].root;
  const all = rows.map(({ job }) => job);
  const group = [...list.children].find(({ dataset }) => dataset.group === id) ?? makeGroup(id, all, cancel);
  members.set(group, all);
  const [prompt, facts, more] = group.firstChild.children;
  say(prompt, promptOf(all.at(-1)));
  say(facts, groupFacts(all).join(" · "));
  more.hidden = !isOffered(all);
  arrange(group.lastChild, rows.map((row) => row.root));
  return group;
}

function makeGroup(id, all, cancel) {
  const line = [element("p", { class: "history-prompt" }), element("p", { class: "history-note" })];
  const more = groupMenu(all.at(-1), () => members.get(group), cancel);
  const head = element("div", { class: "history-line" }, ...line, more.button, more.tray);
  const group = element("li", { class: "history-group", "data-group": id }, head, element("ol", { class: "history-list" }));
  return group;
}

function makeDay(day) {
  const list = element("ol", { class: "history-list" });
  return element("section", { class: "history-day", "data-day": day }, element("h3", {}), list);
}
