// What a field of the schema can hold, by its kind. The server checks it all once more.

import { t, valueText } from "../lib/texts.js";

const BOOLEANS = { true: true, false: false };

/** What a field makes of a value from elsewhere, which may be its text; undefined where it can't hold it. */
export function held({ kind, choices, lowest, highest }, value) {
  const text = String(value).trim();
  if (choices.length) return choices.find((choice) => String(choice) === text);
  if (kind === "boolean") return BOOLEANS[text];
  if (kind !== "number") return typeof value === "string" ? value : undefined;
  const number = text === "" ? NaN : Number(text);
  const fits = Number.isFinite(number) && (lowest ?? -Infinity) <= number && number <= (highest ?? Infinity);
  return fits ? number : undefined;
}

/** A field's name and its default, as a sentence says them. */
export function named({ name, default: usual }) {
  return { field: t(`field.${name}.label`), used: valueText(name, usual) };
}
