// What narrows all pictures down: words of the prompt, and how the jobs are.

import { isDrawn, promptOf } from "../job/status-text.js";
import { isStarred } from "../job/stars.js";
import { element } from "../lib/elements.js";
import { t } from "../lib/texts.js";

const KINDS = {
  all: () => true,
  starred: ({ key }) => isStarred(key),
  under_way: ({ record }) => !record.ended,
  not_made: ({ record }) => record.ended && !isDrawn(record),
};

/** The field and the list in `root`, whether it `narrows()` anything, and `finds(job)`; `narrowed()` hears of a change. */
export function makeFinder(narrowed) {
  const narrows = () => kind.value !== "all" || wanted() !== "";
  const changed = () => {
    root.classList.toggle("narrowing", narrows());
    narrowed();
  };
  const words = element("input", {
    type: "search",
    class: "text-field",
    name: "history-words",
    "aria-label": t("history.search"),
    placeholder: t("history.search"),
    autocomplete: "off",
    input: changed,
  });
  const options = Object.keys(KINDS).map((kind) => element("option", { value: kind }, t(`history.filter.${kind}`)));
  const attributes = { class: "history-filter", "aria-label": t("history.filter"), change: changed };
  const kind = element("select", attributes, ...options);
  const wanted = () => words.value.trim().toLocaleLowerCase();
  const says = (job, word) => promptOf(job).toLocaleLowerCase().includes(word);
  const root = element("search", { class: "history-finder" }, words, kind);
  return {
    root,
    narrows,
    finds: (job) => KINDS[kind.value](job) && wanted().split(/\s+/).every((word) => says(job, word)),
  };
}
