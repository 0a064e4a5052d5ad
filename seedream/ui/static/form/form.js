// What the form does in the browser: what stands under the prompt, and Ctrl+Enter.

import { buildingBlocks } from "./phrases.js";
import * as chosen from "./values.js";
import { tameDropdowns } from "../gradio/dropdowns.js";
import { element, present, say } from "../lib/elements.js";
import { language, t } from "../lib/texts.js";

/** Words as a reader counts them, in any language: Japanese and Chinese put no spaces between theirs. */
export function countWords(text) {
  const segments = new Intl.Segmenter(language, { granularity: "word" }).segment(text);
  let count = 0;
  for (const segment of segments) if (segment.isWordLike) count += 1;
  return count;
}

/** Count a text field's words live, and warn kindly beyond the length that the model likes. */
function counter({ name, recommended_words: limit }) {
  const line = element("p", { class: "counter", id: `counter-${name}`, "aria-live": "polite" });
  let counted = null;
  chosen.listen(() => {
    const text = chosen.now()[name];
    if (text === counted) return;
    counted = text;
    const words = countWords(text);
    line.classList.toggle("counter-long", words > limit);
    say(line, t(words > limit ? "counter.long" : "counter.words", { count: words, limit }));
  });
  return line;
}

/** Under the prompt: how long it is, where to start from, and words to add. */
async function underPrompt(field, { points, refill, blocks }) {
  const input = await present(`#field-${field.name} textarea`);
  chosen.typed(field.name, input.value);
  input.addEventListener("input", () => chosen.typed(field.name, input.value));
  const count = counter(field);
  input.setAttribute("aria-describedby", count.id);
  const words = buildingBlocks(blocks);
  oneAtATime([points, words]);
  const row = element("div", { class: "under-prompt-row" }, count, points.button, words.button);
  const under = element("div", { class: "under-prompt" }, row, refill.root, points.panel, words.panel);
  input.closest(`#field-${field.name}`).append(under);
}

function oneAtATime(disclosures) {
  for (const { button, panel } of disclosures) {
    button.addEventListener("click", () => {
      const others = disclosures.filter((other) => other.button !== button && !other.panel.hidden);
      if (!panel.hidden) others.forEach((other) => other.button.click());
    });
  }
}

/** Attach what the form does by itself. `points` are the starting points, `refill` tells of them. */
export function attach({ fields, blocks }, { points, refill }) {
  underPrompt(fields.find(({ name }) => name === "prompt"), { points, refill, blocks });
  const form = document.querySelector("#form");
  tameDropdowns();
  chosen.listen(() => chosen.now().prompt.trim() && retract(t("error.prompt_empty")));
  new ResizeObserver(() => form.style.setProperty("--form-height", `${form.offsetHeight}px`)).observe(form);
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

/** Take a sentence away, if it still stands there. */
function retract(text) {
  if (document.querySelector("#notice .notice")?.textContent === text) notice(null);
}
