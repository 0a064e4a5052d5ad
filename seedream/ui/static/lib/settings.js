// What the server says of this page and its model at the start: `page_settings` in gallery.py.

export const settings = {};

/** Take them in, before anything asks. */
export function setSettings(given) {
  Object.assign(settings, given);
}

/** The model's field of this name; undefined where it has none. */
export function fieldOf(name) {
  return settings.fields.find((field) => field.name === name);
}
