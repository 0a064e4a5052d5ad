// What is left for whoever pays, as the server says it; of what nobody counts, nothing is said.

import { drawsSamples, listen as onPayer, own, payer } from "./payer.js";
import { settings } from "./settings.js";
import { dollars, language, t } from "./texts.js";

const MINUTE = 60_000;
const listeners = new Set();
let ask = null;
let asked = 0;
let again = 0;
// `pictures` this hour and `until` when there are none; the account's `balance` in US dollars; who has `signedIn`.
let known = {};

/** Have `server.allowance` say it: now, whenever another pays, and when it may have become more. */
export function learnFunds(server) {
  ask = () => server.allowance(payer());
  onPayer(() => {
    take({});
    refresh();
  });
  // Whoever tops up an account does that elsewhere, and comes back.
  document.addEventListener("visibilitychange", () => !document.hidden && nothingLeft() && refresh());
  refresh();
}

/** Hear of each change. */
export function listen(listener) {
  listeners.add(listener);
}

/** Ask anew. */
export async function refresh() {
  const mine = (asked += 1);
  const counted = settings.limited || own() || (settings.login && !drawsSamples());
  const answer = counted ? await ask().catch(() => ({})) : {};
  if (mine === asked) take(answer);
}

/** How many pictures are left, asked anew; `undefined` where nobody counts them. */
export async function picturesLeft() {
  if (settings.limited && !own()) await refresh();
  return known.pictures;
}

function take({ pictures, again_in_seconds: seconds, balance_usd: balance, signed_in: signedIn }) {
  clearTimeout(again);
  const until = pictures === 0 && seconds ? Date.now() + seconds * 1000 : null;
  if (until) again = setTimeout(refresh, seconds * 1000);
  known = { pictures, until, balance, signedIn };
  for (const listener of listeners) listener();
}

/** What is left, as a list of words. */
export function leftWords() {
  return wordsOf(known);
}

/** What may be said of it on this page, the longest of each kind, as lists of words. */
export function possibleLeftWords() {
  if (own() || !settings.limited) return [leftWords()];
  return [leftWords(), wordsOf({ pictures: 88 }), wordsOf({ pictures: 0 })];
}

function wordsOf({ pictures, balance }) {
  return [
    typeof balance === "number" && t("funds.balance", { amount: dollars(balance) }),
    pictures > 0 && t("funds.pictures", { count: pictures }),
    pictures === 0 && t("funds.no_pictures", { time: time() }),
  ].filter(Boolean);
}

/** The name at the Hub of who has signed in; null: nobody has, undefined: nobody has said so. */
export function signedIn() {
  return known.signedIn;
}

/** Why nothing can be sent now: a `sentence`, and until `when` as a button says it. Null if something can. */
export function nothingLeft() {
  if (known.pictures === 0) return { sentence: t("funds.none", { time: time() }), when: t("funds.from", { time: time() }) };
  if (typeof known.balance === "number" && known.balance <= 0) return { sentence: t("funds.empty"), when: t("funds.topped_up") };
  return null;
}

/** When there will be more, to the minute; never too soon. */
function time() {
  const at = Math.ceil((known.until ?? Date.now()) / MINUTE) * MINUTE;
  return new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(at);
}
