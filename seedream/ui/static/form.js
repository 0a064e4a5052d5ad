// What the form does in the browser: the counter under the prompt, and Ctrl+Enter.

import { element, present, say } from "./elements.js";
import { language, t } from "./texts.js";

/** Words as a reader counts them, in any language: Japanese and Chinese put no spaces between theirs. */
export function countWords(text) {
  const segments = new Intl.Segmenter(language, { granularity: "word" }).segment(text);
  let count = 0;
  for (const segment of segments) if (segment.isWordLike) count += 1;
  return count;
}

/** Count a text field's words live, and warn kindly beyond the length that the model likes. */
async function count({ name, recommended_words: limit }) {
  const input = await present(`#field-${name} textarea`);
  const counter = element("p", { class: "counter", id: `counter-${name}`, "aria-live": "polite" });
  input.closest(`#field-${name}`).append(counter);
  input.setAttribute("aria-describedby", counter.id);
  const update = () => {
    const words = countWords(input.value);
    counter.classList.toggle("counter-long", words > limit);
    say(counter, t(words > limit ? "counter.long" : "counter.words", { count: words, limit }));
  };
  input.addEventListener("input", update);
  update();
}

/** Attach what the form does by itself. */
export function attach(fields) {
  fields.filter((field) => field.recommended_words).forEach(count);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
    event.preventDefault();
    document.querySelector("#generate").click();
  });
}

/** Show a sentence beside the button, or take it away. */
export function notice(text) {
  const place = document.querySelector("#notice");
  let line = place.querySelector(".notice");
  if (!line) {
    line = element("p", { class: "notice", role: "alert" });
    place.append(line);
  }
  say(line, text ?? "");
  line.hidden = !text;
}
