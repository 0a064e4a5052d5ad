// Tabs as people know them: one stop for the Tab key, arrows from one to the next.

import { element } from "../lib/elements.js";

/**
 * Tabs over panels: `entries` are `{name, content}`, `id` makes the elements' ids unique. The one called `first` is
 * open, and `chosen(name)` hears of each that the visitor opens.
 */
export function tabs(id, label, entries, first, chosen) {
  const [tabId, panelId] = ["tab", "panel"].map((what) => (index) => `${id}-${what}-${index}`);
  const buttons = entries.map(({ name }, index) => {
    const attributes = { type: "button", role: "tab", class: "tab", id: tabId(index), "aria-controls": panelId(index) };
    return element("button", { ...attributes, click: () => choose(index) }, name);
  });
  const panels = entries.map(({ content }, index) =>
    element("div", { id: panelId(index), role: "tabpanel", "aria-labelledby": tabId(index) }, ...content),
  );
  const open = (index) => {
    buttons.forEach((button, number) => {
      button.setAttribute("aria-selected", number === index);
      button.tabIndex = number === index ? 0 : -1;
      panels[number].hidden = number !== index;
    });
  };
  const choose = (index) => {
    open(index);
    buttons[index].focus();
    chosen(entries[index].name);
  };
  const turn = (event) => {
    const now = buttons.indexOf(event.target);
    const [next, before] = [buttons[now + 1] ?? buttons[0], buttons.at(now - 1)];
    const wished = { ArrowRight: next, ArrowLeft: before, Home: buttons[0], End: buttons.at(-1) }[event.key];
    if (!wished) return;
    event.preventDefault();
    wished.click();
  };
  open(Math.max(0, entries.findIndex(({ name }) => name === first)));
  const list = element("div", { role: "tablist", class: "tabs", "aria-label": label, keydown: turn }, ...buttons);
  return element("div", {}, list, ...panels);
}
