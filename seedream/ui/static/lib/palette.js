// The page's colours where no style sheet reaches, as on a canvas.

import { element } from "./elements.js";

/** The colours of a scheme, "light" or "dark", by their names in palette.css. */
export function readPalette(scheme) {
  const probe = element("i", { class: scheme, hidden: true });
  document.body.append(probe);
  const style = getComputedStyle(probe);
  const names = ["paper", "card", "ink", "ink-2", "line", "field", "accent"];
  const colors = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  probe.remove();
  return colors;
}
