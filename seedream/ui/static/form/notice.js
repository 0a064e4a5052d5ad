// A sentence beside the button: why a press led nowhere, or what a link has put into the form.

import { mount } from "../gradio/form.js";
import { element, say } from "../lib/elements.js";

const line = element("p", { class: "notice", role: "alert", hidden: true });
mount("notice", line);

/** Show a sentence, or take it away. */
export function notice(text) {
  say(line, text ?? "");
  line.hidden = !text;
}

/** Take a sentence away, if it still stands there. */
export function retract(text) {
  if (line.textContent === text) notice(null);
}
