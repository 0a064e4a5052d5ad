// Under the prompt: how long it is, where to start from, and words to add.

import { mountUnderPrompt, promptInput } from "../gradio/form.js";
import { closeButton } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { fieldOf } from "../lib/settings.js";
import { language, t } from "../lib/texts.js";
import { phrases } from "./phrases.js";
import * as values from "./values.js";

/** Draw it. `examples` are the examples' menu; `filler` fills the form, and its `root` tells what was filled in. */
export function drawUnderPrompt(examples, { fill, root: fillLine }) {
  const { line: count, heard } = counter(fieldOf("prompt"));
  promptInput().setAttribute("aria-describedby", count.id);
  const words = phrases();
  for (const { button } of [examples, words]) button.classList.add("quiet-link");
  const row = element("div", { class: "under-prompt-row" }, count, examples.button, examples.tray, words.button, words.tray);
  mountUnderPrompt(element("div", { class: "under-prompt" }, row, heard, fillLine, clearButton(fill)));
}

/** What empties the prompt: by a thumb, a long one is work. */
function clearButton(fill) {
  const clear = () => {
    fill({ ...values.now(), prompt: "" }, t("fill.cleared"));
    promptInput().focus();
  };
  const root = closeButton(t("form.clear"), clear, "clear-prompt");
  values.listen(() => {
    root.hidden = !values.now().prompt;
  });
  return root;
}

/** Count a text's words live, and warn kindly beyond the length that the model likes. */
function counter({ name, recommended_words: limit }) {
  // Who hears the page hears when it becomes too much, not each word.
  const heard = element("span", { class: "sr-only", role: "status" });
  const line = element("p", { class: "counter", id: `counter-${name}` });
  let counted = null;
  const tell = (text, long) => {
    const crossed = line.classList.toggle("counter-long", long) && !heard.textContent;
    say(line, text);
    if (!long || crossed) say(heard, long ? text : "");
  };
  values.listen(() => {
    const text = values.now()[name];
    if (text === counted) return;
    counted = text;
    const most = values.exceeded(name, text);
    if (most) {
      // Counting would hold the page up for as long as the text is long.
      tell(t("counter.too_long", { limit: most }), true);
      return;
    }
    const words = countWords(text);
    const long = limit !== null && words > limit;
    tell(t(long ? "counter.long" : "counter.words", { count: words, limit }), long);
  });
  return { line, heard };
}

/** Words as a reader counts them, in any language: Japanese and Chinese put no spaces between theirs. */
function countWords(text) {
  const segments = new Intl.Segmenter(language, { granularity: "word" }).segment(text);
  return [...segments].filter(({ isWordLike }) => isWordLike).length;
}
