// What all pictures leave for the shell of the next opening (shell/wall.js): the words around them and the shapes of the
// newest, read from what is drawn. The pictures themselves are kept already.

import { keepSpare, outlasting } from "../lib/store.js";
import { language } from "../lib/texts.js";
import { stateOf, VERSION, WALL } from "../shell/kept.js";

// Of a line that shows its beginning, whatever the width of the window.
const MOST_LETTERS = 300;
// Of all, whatever a model's series may be.
const MOST = 100_000;

/** Keep what is drawn in the section of all pictures of these rows, `{ job }` by its key; where there are none, nothing. */
export function keepWall(section, rows) {
  const days = [...section.querySelectorAll(".history-day")].map((each) => ({
    day: Number(each.dataset.day),
    groups: [...each.lastChild.children].map((item) => group(item, rows)),
  }));
  const [title, where] = [".history-title", ".history-where"].map((name) => section.querySelector(name)?.textContent);
  const { placeholder: search } = section.querySelector("input[type=search]");
  const filters = [...section.querySelectorAll(".history-filter option")].map((option) => option.textContent);
  const text = JSON.stringify({ version: VERSION, language, title, where, search, filters, days });
  // Where there is no room for the jobs, this is the first to go.
  if (rows.size && text.length <= MOST && outlasting() === "all") keepSpare(WALL, text);
  else dropWall();
}

/** Keep nothing: some of what was drawn is to be seen nowhere any more. */
export function dropWall() {
  keepSpare(WALL, null);
}

function group(item, rows) {
  if (item.matches(".history-row")) return { rows: row(item, rows) };
  return { words: wordsOf(item), rows: [...item.lastChild.children].flatMap((each) => row(each, rows)) };
}

/** What is kept of a row, as a list; of one that is not among these, nothing. */
function row(item, rows) {
  const { key, kind } = item.dataset;
  if (!rows.has(key)) return [];
  const { at, record } = rows.get(key).job;
  const ratios = [...item.querySelectorAll(".history-place")].map(({ style }) => Number(style.getPropertyValue("--ratio")));
  // The words of a single picture are seen only when a hand is at it.
  const words = kind === "single" ? [] : wordsOf(item);
  return [{ key, at, state: stateOf(record), kind, words, ratios }];
}

function wordsOf(item) {
  return [...item.querySelector(".history-line").children].slice(0, 2).map((each) => each.textContent.slice(0, MOST_LETTERS));
}
