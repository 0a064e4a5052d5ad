// Lines of a text as the browser itself would break them: it knows where each script may be broken.

import { element } from "../lib/elements.js";

/** Break a text to a width in pixels; each line comes with its direction. A blank line is kept. */
export function linesOf(text, { width, font, language }) {
  const breaks = "white-space: pre-wrap; overflow-wrap: anywhere; line-break: strict";
  const style = `position: absolute; visibility: hidden; width: ${width}px; font: ${font}; ${breaks}`;
  const box = element("div", { dir: "auto", lang: language, "aria-hidden": "true", style });
  document.body.append(box);
  const lines = text.trim().split(/\r\n?|\n/).flatMap((paragraph) => paragraphLines(box, paragraph));
  box.remove();
  return lines;
}

function paragraphLines(box, paragraph) {
  box.textContent = paragraph;
  const rtl = getComputedStyle(box).direction === "rtl";
  if (!paragraph.trim()) return [{ text: "", rtl }];
  const lines = [];
  const range = document.createRange();
  let bottom = -Infinity;
  for (const { segment, index } of new Intl.Segmenter().segment(paragraph)) {
    range.setStart(box.firstChild, index);
    range.setEnd(box.firstChild, index + segment.length);
    const rectangle = range.getBoundingClientRect();
    // A space that hangs at a line's end has no place of its own.
    if (rectangle.top >= bottom && segment.trim()) {
      lines.push({ text: "", rtl });
      bottom = rectangle.bottom - rectangle.height / 4;
    }
    lines.at(-1).text += segment;
  }
  return lines;
}
