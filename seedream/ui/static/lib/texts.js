// Texts, numbers and money in the visitor's language, which boot.js chose. The texts are the locale files'.

const ASK_AGAIN_MILLISECONDS = 1000;
const MOST_TRIES = 5;
const LONGEST_QUOTE = 60;

/** The page's language, as a BCP 47 tag. */
export const language = globalThis.document?.documentElement.lang;
let texts = {};

/** Wait for the texts. boot.js sent for them long before; what got lost on the way is asked for again. */
export async function arrive() {
  for (let tries = 1; ; tries += 1) {
    try {
      texts = await (await fetch(document.documentElement.dataset.texts)).json();
      break;
    } catch (error) {
      if (tries === MOST_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MILLISECONDS));
    }
  }
  document.title = t("page.title");
}

/** The text under a key, its placeholders filled. `count` picks the plural where the key has several. */
export function t(key, facts = {}) {
  let found = texts[key];
  if (found === undefined && "count" in facts) {
    const plural = new Intl.PluralRules(language).select(facts.count);
    found = texts[`${key}.${plural}`] ?? texts[`${key}.other`];
  }
  return (found ?? key).replace(/\{(\w+)\}/g, (place, name) => {
    const fact = facts[name];
    return typeof fact === "number" ? number(fact) : fact ?? place;
  });
}

/** Sentences as one text: Japanese and Chinese put no spaces between theirs. */
export function inARow(...sentences) {
  if (!sentences.length) return "";
  return sentences.reduce((first, second) => t("sentences.in_a_row", { first, second }));
}

/** A value of a field, in words; one that no text is known for speaks for itself. */
export function valueText(name, value) {
  const key = `value.${name}.${value}`;
  return has(key) ? t(key) : String(value);
}

export function has(key) {
  return key in texts;
}

export function number(value, format = {}) {
  return new Intl.NumberFormat(language, format).format(value);
}

/** An amount of US dollars, to a tenth of a cent and less: prices here are that small. */
export function dollars(amount) {
  return number(amount, { style: "currency", currency: "USD", minimumFractionDigits: 2, maximumFractionDigits: 4 });
}

/**
 * What went wrong, in words: the code's sentence, with what the service said behind it. Of a job that was
 * submitted (`requestId`), nobody may say that nothing was charged; of one of the visitor's `own`, they themselves pay.
 */
export function sentence({ code, field, detail, facts = {} }, requestId = null, own = false) {
  let key = has(`error.${code}`) ? `error.${code}` : "error.internal";
  if (requestId && has(`${key}_read`)) key += "_read";
  else if (own && has(`${key}_own`)) key += "_own";
  const filled = { ...facts, field: field && t(`field.${field}.label`) };
  if (facts.again_in_seconds) filled.minutes = Math.ceil(facts.again_in_seconds / 60);
  if (Array.isArray(facts.choices)) {
    filled.choices = facts.choices.map((choice) => valueText(field, choice)).join(", ");
    if (facts.choices.every(Number.isInteger)) {
      key += "_number";
      filled.lowest = Math.min(...facts.choices);
      filled.highest = Math.max(...facts.choices);
    }
  } else if ("lowest" in facts) {
    key += facts.whole ? "_number" : "_decimal";
  }
  return inARow(t(key, filled), ...(detail ? [t("error.said", { detail })] : []));
}

/** A foreign text as a sentence quotes it: its beginning, where it is long. */
export function quoted(text) {
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}
