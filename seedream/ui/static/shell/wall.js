// The newest pictures of this browser, in the shell: where and as the page's own scripts will draw them, long before those
// are there. It is a script of its own in the first HTML (bundle.py), and goes by what the page has left (kept.js).

import { dayName } from "../history/day-name.js";
import { kept } from "../lib/blobs.js";
import { element } from "../lib/elements.js";
import { COPIES, copyId, isAskedFor, JOB, LEFT, stateOf, VERSION, WALL } from "./kept.js";

// As many as the largest window shows, and so many at once: where Gradio's scripts keep the browser busy, each time waits.
const MOST_COPIES = 60;
const AT_ONCE = 20;

class ShellWall extends HTMLElement {
  connectedCallback() {
    try {
      const asked = new URLSearchParams(location.search).has("request_id");
      const jobs = asked ? [] : remembered();
      // Their own pictures will stand where the starting points are for others.
      this.closest("page-shell").classList.toggle("shell-returning", asked || jobs.length > 0);
      const wall = jobs.length > 0 && wallNow(jobs);
      if (!wall) return;
      this.append(drawn(wall));
      this.fill().catch(() => {});
    } catch {
      // What can't be read is not shown; the page itself will know.
    }
  }

  /** Put in the small copies, as they are found. */
  async fill() {
    const files = kept({ ...COPIES, mostBytes: Infinity });
    const places = [...this.querySelectorAll("[data-copy]")].slice(0, MOST_COPIES);
    for (let first = 0; first < places.length; first += AT_ONCE) {
      const some = new Map(places.slice(first, first + AT_ONCE).map((place) => [place.dataset.copy, place]));
      const found = await files.among([...some.keys()]);
      // The page has its own by now.
      if (!this.isConnected) return;
      // Whoever takes the place of the shell takes the addresses too (shell.js).
      for (const { id, blob } of found.filter((each) => each.blob instanceof Blob)) {
        some.get(id).append(element("img", { src: URL.createObjectURL(blob), alt: "" }));
      }
    }
  }
}
customElements.define("shell-wall", ShellWall);

/** The jobs that the page will know. */
function remembered() {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(JOB));
  return names.map((name) => JSON.parse(localStorage.getItem(name))).filter(({ forgotten }) => !forgotten);
}

/** The wall that was left, with what is there of these jobs; null where the gallery will begin otherwise. */
function wallNow(jobs) {
  const wall = JSON.parse(localStorage.getItem(WALL));
  const { lang } = document.documentElement;
  if (wall?.version !== VERSION || wall.language !== lang) return null;
  // Who has travelled has other days.
  if (wall.days.some(({ day }) => new Date(day).setHours(0, 0, 0, 0) !== day)) return null;
  const rows = new Map(wall.days.flatMap(({ groups }) => groups).flatMap((group) => group.rows).map((row) => [row.key, row]));
  const newest = Math.max(...[...rows.values()].map(({ at }) => at));
  const cards = new Set(JSON.parse(sessionStorage.getItem(LEFT))?.shown);
  const there = new Set();
  for (const { key, at, record } of jobs) {
    const row = rows.get(key);
    const changed = row ? row.state !== stateOf(record) : at > newest;
    if (changed || cards.has(key) || isAskedFor({ at, record })) return null;
    there.add(key);
  }
  const left = (group) => ({ ...group, rows: group.rows.filter(({ key }) => there.has(key)) });
  const days = wall.days.map(({ day, groups }) => ({ day, groups: groups.map(left).filter(({ rows }) => rows.length) }));
  return { ...wall, days: days.filter(({ groups }) => groups.length) };
}

function drawn({ language, title, where, search, filters, days }) {
  const options = filters.map((words) => element("option", {}, words));
  const finder = element(
    "div",
    { class: "history-finder" },
    element("input", { class: "text-field", placeholder: search, autocomplete: "off" }),
    element("select", { class: "history-filter", autocomplete: "off" }, ...options),
  );
  const all = days.map(({ day, groups }) => element(
    "div",
    { class: "history-day" },
    element("div", {}, dayName(day, language)),
    element("div", { class: "history-list" }, ...groups.map(groupDrawn)),
  ));
  const heading = element("div", { class: "history-title" }, title);
  const head = element("div", { class: "history-head" }, heading, element("div", { class: "history-select" }), finder);
  const note = element("p", { class: "history-note history-where" }, where);
  return all.length ? element("div", { class: "history" }, head, note, ...all) : "";
}

/** Rows under their heading; one that is alone, or left alone, has none. */
function groupDrawn({ words, rows }) {
  if (rows.length === 1) return rowDrawn(rows[0]);
  const list = element("div", { class: "history-list" }, ...rows.map(rowDrawn));
  return element("div", { class: "history-group" }, line(words, 1), list);
}

function rowDrawn({ key, kind, words, ratios }) {
  const single = kind === "single";
  const places = ratios.map((ratio, index) => element(
    "div",
    { class: "history-place", style: ratioOf(ratio) },
    element("div", { class: "history-picture", "data-copy": copyId(key, index) }),
  ));
  const attributes = { class: "history-row", "data-kind": kind, style: single && ratioOf(ratios[0]) };
  const pictures = places.length > 0 && element("div", { class: "history-pictures" }, ...places);
  return element("div", attributes, !single && line(words, 2), pictures);
}

/** A line of words, with room for so many buttons. */
function line([prompt, note], buttons) {
  const room = Array.from({ length: buttons }, () => element("i"));
  return element(
    "div",
    { class: "history-line" },
    element("p", { class: "history-prompt" }, prompt),
    element("p", { class: "history-note" }, note),
    ...room,
  );
}

function ratioOf(ratio) {
  return `--ratio: ${Number(ratio)}`;
}
