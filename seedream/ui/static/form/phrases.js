// Words to build a prompt from: a press puts them behind what is there, in the visitor's language, or takes them out again.

import { promptInput } from "../gradio/form.js";
import { button } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { wordsMenu } from "../lib/menu.js";
import { settings } from "../lib/settings.js";
import { inARow, language, t } from "../lib/texts.js";
import * as values from "./values.js";

const MOST_FRAMES = 60;
const TRAILING = /[\s,，、]+$/u;
const SENTENCE_END = /[.!?…。！？]$/u;

/** The words by group, in a tray for the form: several can be added, one after the other. */
export function phrases() {
  const said = element("span", { class: "sr-only", role: "status" });
  const toggle = (words) => {
    const { prompt } = values.now();
    const there = holds(prompt, words);
    values.put({ prompt: there ? without(prompt, words) : joined(prompt, words) });
    if (!there) showEnd(values.now().prompt);
    say(said, t(there ? "start.phrase_removed" : "start.phrase_added", { words }));
  };
  const chips = [];
  const groups = Object.entries(settings.phrases).map(([group, names]) => {
    const title = element("p", { class: "phrase-title", id: `phrase-${group}` }, t(`phrase.${group}`));
    const row = names.map((name) => t(`phrase.${group}.${name}`)).map((words) => button(words, () => toggle(words)));
    chips.push(...row);
    const attributes = { class: "phrase-group", role: "group", "aria-labelledby": title.id };
    return element("div", attributes, title, element("div", { class: "phrase-chips" }, ...row));
  });
  values.listen(() => {
    const { prompt } = values.now();
    for (const chip of chips) chip.setAttribute("aria-pressed", String(holds(prompt, chip.textContent)));
  });
  return wordsMenu(t("start.phrases"), [...groups, said], "tray");
}

/** Scroll the field to what was added, once Gradio has put it there. */
function showEnd(prompt, frames = MOST_FRAMES) {
  const input = promptInput();
  if (input.value === prompt) input.scrollTop = input.scrollHeight;
  else if (frames) requestAnimationFrame(() => showEnd(prompt, frames - 1));
}

function holds(prompt, words) {
  return prompt.toLocaleLowerCase(language).includes(words.toLocaleLowerCase(language));
}

/** The prompt without these words, and without what has joined them to those before. */
function without(prompt, words) {
  const lower = prompt.toLocaleLowerCase(language);
  for (const part of [t("start.phrase_joined", { before: "", words }), inARow("", words), words]) {
    const at = lower.lastIndexOf(part.toLocaleLowerCase(language));
    if (at >= 0) return prompt.slice(0, at) + prompt.slice(at + part.length);
  }
  return prompt;
}

function joined(prompt, words) {
  const before = prompt.replace(TRAILING, "");
  if (before && !SENTENCE_END.test(before)) return t("start.phrase_joined", { before, words });
  const sentence = words[0].toLocaleUpperCase(language) + words.slice(1);
  return before ? inARow(before, sentence) : sentence;
}
