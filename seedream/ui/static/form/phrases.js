// Words to build a prompt from: a press puts them behind what is there, in the visitor's language, and only once.

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
  const add = (words) => {
    const { prompt } = values.now();
    const there = holds(prompt, words);
    if (!there) {
      values.put({ prompt: joined(prompt, words) });
      showEnd(values.now().prompt);
    }
    say(said, t(there ? "start.phrase_there" : "start.phrase_added", { words }));
  };
  const chips = [];
  const groups = Object.entries(settings.phrases).map(([group, names]) => {
    const title = element("p", { class: "phrase-title", id: `phrase-${group}` }, t(`phrase.${group}`));
    const row = names.map((name) => t(`phrase.${group}.${name}`)).map((words) => button(words, () => add(words)));
    chips.push(...row);
    const attributes = { class: "phrase-group", role: "group", "aria-labelledby": title.id };
    return element("div", attributes, title, element("div", { class: "phrase-chips" }, ...row));
  });
  values.listen(() => {
    const { prompt } = values.now();
    for (const chip of chips) chip.classList.toggle("phrase-there", holds(prompt, chip.textContent));
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

function joined(prompt, words) {
  const before = prompt.replace(TRAILING, "");
  if (before && !SENTENCE_END.test(before)) return t("start.phrase_joined", { before, words });
  const sentence = words[0].toLocaleUpperCase(language) + words.slice(1);
  return before ? inARow(before, sentence) : sentence;
}
