// Making elements. Foreign text goes in as text, never as markup: nothing on this page uses innerHTML.

/** An element with attributes (functions become listeners) and children; `null` and `false` are left out of both. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== false && (value ?? null) !== null) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter(Boolean));
  return made;
}

/** Set a text only if it is another one: a screen reader says again whatever is set again. */
export function say(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

/** Have exactly these children, in this order. What stays where it is isn't touched: it may have the focus. */
export function arrange(root, children) {
  const wished = new Set(children);
  for (const child of [...root.children]) if (!wished.has(child)) child.remove();
  children.forEach((child, place) => {
    if (root.children[place] !== child) root.insertBefore(child, root.children[place] ?? null);
  });
}
