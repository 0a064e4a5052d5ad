// Tabs as people know them: one stop for the Tab key, arrows from one to the next.

import { element } from "../lib/elements.js";

/**
 * Tabs over panels: `entries` are `{name, panel}`, `id` makes the elements' ids unique. The one called `first` is
 * open, and `chosen(name)` hears of each that the visitor opens.
 */
export function tabs(id, label, entries, first, chosen) {
  const buttons = entries.map(({ name, panel }, index) => {
    const [tabId, panelId] = [`${id}-tab-${index}`, `${id}-panel-${index}`];
    for (const [key, value] of Object.entries({ id: panelId, role: "tabpanel", "aria-labelledby": tabId })) {
      panel.setAttribute(key, value);
    }
    const attributes = { type: "button", role: "tab", class: "tab", id: tabId, "aria-controls": panelId };
    return element("button", { ...attributes, click: () => choose(index) }, name);
  });
  const open = (index) => {
    buttons.forEach((button, number) => {
      button.setAttribute("aria-selected", String(number === index));
      button.tabIndex = number === index ? 0 : -1;
      entries[number].panel.hidden = number !== index;
    });
  };
  const choose = (index) => {
    open(index);
    buttons[index].focus();
    chosen(entries[index].name);
  };
  const turn = (event) => {
    const now = buttons.indexOf(document.activeElement);
    const last = buttons.length - 1;
    const next = { ArrowRight: now === last ? 0 : now + 1, ArrowLeft: now ? now - 1 : last, Home: 0, End: last };
    if (now < 0 || !(event.key in next)) return;
    event.preventDefault();
    choose(next[event.key]);
  };
  open(Math.max(0, entries.findIndex(({ name }) => name === first)));
  const list = element("div", { role: "tablist", class: "tabs", "aria-label": label, keydown: turn }, ...buttons);
  return element("div", {}, list, ...entries.map(({ panel }) => panel));
}
