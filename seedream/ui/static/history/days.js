// Rows under the day that they were asked for on. What stays where it is isn't touched: it may have the focus.

import { arrange, element, say } from "../lib/elements.js";
import { language } from "../lib/texts.js";

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/** Show these rows, `{ job, root }`, the newest first, each under its day. */
export function byDay(root, rows) {
  const days = new Map();
  for (const row of rows) {
    const day = new Date(row.job.at).setHours(0, 0, 0, 0);
    days.set(day, [...(days.get(day) ?? []), row.root]);
  }
  const sections = new Map([...root.children].map((section) => [Number(section.dataset.day), section]));
  arrange(root, [...days.keys()].map((day) => sections.get(day) ?? makeDay(day)));
  for (const section of root.children) {
    say(section.firstChild, dayName(Number(section.dataset.day)));
    arrange(section.lastChild, days.get(Number(section.dataset.day)));
  }
}

function makeDay(day) {
  const list = element("ol", { class: "history-list" });
  return element("section", { class: "history-day", "data-day": day }, element("h3", {}), list);
}

function dayName(day) {
  const today = new Date().setHours(0, 0, 0, 0);
  const ago = Math.round((today - day) / DAY_MILLISECONDS);
  if (ago < 2) {
    const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-ago, "day");
    return words.charAt(0).toLocaleUpperCase(language) + words.slice(1);
  }
  return new Intl.DateTimeFormat(language, { dateStyle: "full" }).format(day);
}
