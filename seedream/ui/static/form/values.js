// The one truth of what the form holds: what is shown as price, size and link is what a press sends. The controls are
// Gradio's: they tell each change, and are set by the gallery's event `fill`.

import { setText } from "../gradio/form.js";
import { isPublicAddress } from "../lib/public-address.js";
import { isSeries } from "../lib/series.js";
import { fieldOf, settings } from "../lib/settings.js";
import { has, quoted, t } from "../lib/texts.js";
import { held, named as described } from "./kinds.js";
import { referencesOf } from "../lib/reference-tokens.js";

const values = {};
let count = 1;
const listeners = new Set();
let pending = {};
let askGradio;

/** Start from the defaults. `fill()` has Gradio set the controls to what `filling` tells it. */
export function begin(fill) {
  askGradio = fill;
  Object.assign(values, whole({}));
}

/** What the form holds at this moment, by the fields' names; references only where there are some. */
export function now() {
  const held = { ...values };
  if (!referencesOf(held).length) delete held[settings.edit?.field];
  return held;
}

/** How many jobs a press sends, each an alternative of what the form holds. A series is one. */
export function alternatives() {
  return count;
}

/** Have a press send so many. */
export function setAlternatives(wished) {
  count = wished;
  take({});
}

/** What the page leaves to the next one in its tab; what nobody has changed, that has by itself, in its own language. */
export function left() {
  const changed = Object.entries(now()).filter(([name, value]) => !isFirst(name, value));
  return { values: Object.fromEntries(changed), alternatives: count };
}

/** Whether a field holds this at first: its default, or a text's in the visitor's language. */
export function isFirst(name, value) {
  const key = `field.${name}.first`;
  return value === fieldOf(name)?.default || (has(key) && value === t(key));
}

/** Hear of each change, and of how it is at the start. */
export function listen(listener) {
  listeners.add(listener);
  listener();
}

/** Put these values into the form. What is not named stays as it is; what is typed after this stays, too. */
export function put(changes) {
  const texts = settings.fields.filter(({ name, kind }) => kind === "text" && name in changes);
  const set = texts.filter(({ name }) => setText(name, String(changes[name]))).map(({ name }) => name);
  Object.assign(pending, Object.fromEntries(Object.entries(changes).filter(([name]) => !set.includes(name))));
  take(changes);
  askGradio();
}

/** A request as the form holds it: what it does not say has its default. */
export function whole(request) {
  const fields = settings.fields.map(({ name, default: usual }) => [name, request[name] ?? usual]);
  return Object.fromEntries([...fields, ...(settings.edit ? [[settings.edit.field, referencesOf(request)]] : [])]);
}

/** Why these values can't be sent, as the server would say it; null where nothing is known against them. */
export function refusal(request) {
  const { prompt } = request;
  if (!prompt.trim()) return { code: "prompt_empty" };
  const limit = exceeded("prompt", prompt);
  if (limit) return { code: "prompt_too_long", facts: { limit } };
  return beyondSeries(request);
}

/** How many pictures a series may have beside these references; null where it has no other bound than its own. */
export function roomInSeries(request) {
  const references = referencesOf(request).length;
  const limit = settings.edit?.most_together;
  if (!references || !limit || !isSeries(request)) return null;
  return limit - references;
}

function beyondSeries(request) {
  const left = roomInSeries(request);
  const beyond = left !== null && Number(request.max_images) > left;
  return beyond ? { code: "references_and_series", facts: { limit: settings.edit.most_together, left } } : null;
}

/** How many characters a field takes, where a text has more; they are counted as the server does. Else null. */
export function exceeded(name, text) {
  const most = fieldOf(name).most_characters;
  // A character has one or two units: most texts need no counting, least of all one of megabytes.
  if (most === null || text.length <= most) return null;
  return text.length > 2 * most || [...text].length > most ? most : null;
}

/**
 * What the form can hold of values from elsewhere, and for each that it can't a sentence: the text under `key`. In
 * place of a text that is too long it keeps its own.
 */
export function fitting(given, key) {
  const found = {};
  const unfit = [];
  for (const field of settings.fields) {
    const { name } = field;
    const value = given[name] ?? null;
    const fit = held(field, value);
    const limit = field.kind === "text" ? exceeded(name, String(value)) : null;
    if (limit) {
      found[name] = values[name];
      unfit.push(t("fill.too_long", { limit }));
    } else if (value !== null && fit !== undefined) found[name] = fit;
    else if (value !== null) unfit.push(t(key, { value: quoted(String(value)), ...described(field) }));
  }
  if (settings.edit && settings.edit.field in given) {
    const references = [given[settings.edit.field]].flat().map(String);
    const fit = references.filter((each) => isPublicAddress(each)).slice(0, settings.edit.most);
    found[settings.edit.field] = fit;
    if (fit.length < references.length) unfit.push(t("reference.left_out"));
  }
  return { found, unfit };
}

/** What Gradio is to set, in the schema's order; an update that says nothing leaves a control alone. */
export function filling() {
  const asked = settings.fields.map(({ name }) => (name in pending ? pending[name] : { __type__: "update" }));
  pending = {};
  return asked;
}

/** Take in what was typed. */
export function typed(name, text) {
  take({ [name]: text });
}

/** What the controls hold, in the schema's order, by the fields' names. */
export function named(controls) {
  return Object.fromEntries(settings.fields.map(({ name }, index) => [name, controls[index]]));
}

/** Take in what was chosen. Typing has told of the texts already, and sooner; what is being put comes after this. */
export function heard(controls) {
  const told = named(controls);
  const chosen = settings.fields.filter(({ name, kind }) => kind !== "text" && !(name in pending));
  // A box for a number may be empty.
  take(Object.fromEntries(chosen.map(({ name, default: usual }) => [name, told[name] ?? usual])));
}

function take(changes) {
  Object.assign(values, changes);
  if (isSeries(values)) count = 1;
  for (const listener of listeners) listener();
}
