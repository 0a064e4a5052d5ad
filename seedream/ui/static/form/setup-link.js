// A link to a set-up: this page's address with a prompt and settings in it. Opened, it fills the form and
// starts nothing.
//
// What differs from the defaults stands in the query, under the schema's names. A prompt that makes the address
// long stands behind its `#` instead: 600 words of Japanese take some 24 KB there. This server would read up to
// 64 KB, but nginx in front of one takes 8 KB, and chat programs cut addresses off far earlier. What is behind
// the `#` never leaves the browser, so there is nobody on the way to refuse it, or to write it into a log.

import { mount } from "../gradio/form.js";
import { copyButton } from "../lib/buttons.js";
import { isPublicAddress } from "../lib/public-address.js";
import { settings } from "../lib/settings.js";
import { inARow, t } from "../lib/texts.js";
import { notice } from "./notice.js";
import { referencesOf, resultOf } from "../lib/reference-tokens.js";
import * as values from "./values.js";

// As long as every browser, proxy and chat program takes an address.
const LONGEST_ADDRESS = 2000;
const LOOPBACK = /^(localhost|127\..+|\[::1\])$/;

/** The address that fills the form with this request. */
function setupLink(request) {
  const given = settings.fields.filter(({ name, default: usual }) => String(request[name] ?? usual) !== String(usual));
  const query = new URLSearchParams(given.map(({ name }) => [name, request[name]]));
  for (const reference of addressesOf(request)) query.append(settings.edit.field, reference);
  const whole = address(query);
  if (whole.length <= LONGEST_ADDRESS) return whole;
  const fragment = new URLSearchParams();
  for (const { name } of given.filter(({ kind }) => kind === "text")) {
    fragment.set(name, query.get(name));
    query.delete(name);
  }
  return `${address(query)}#${fragment}`;
}

/** The public addresses among a request's references. Files can't be in a link. */
function addressesOf(request) {
  return referencesOf(request)
    .map((token) => resultOf(token)?.url ?? token)
    .filter((address) => isPublicAddress(address));
}

/** The link to a result. With the `request`, it tells the prompt and the settings, too. */
export function resultLink({ request_id: requestId }, request) {
  const link = new URL(request ? setupLink(request) : address(new URLSearchParams()));
  link.searchParams.set("request_id", requestId);
  return link.href;
}

/** What to say of links to a page that nobody else can open; "" where others can. */
export function hereOnly() {
  return LOOPBACK.test(window.location.hostname) ? t("link.here_only") : "";
}

function tell(...sentences) {
  const said = sentences.filter(Boolean);
  if (said.length) notice(inARow(...said));
}

function linkTo(request) {
  const lacks = referencesOf(request).length > addressesOf(request).length;
  tell(lacks && t("reference.not_in_link"), hereOnly());
  return setupLink(request);
}

/** Put the form's own button in its place. */
export function offerLink() {
  mount("share", copyButton(t("link.copy"), () => linkTo(values.now()), { sentence: t("link.by_hand"), class: "quiet-link" }));
}

/**
 * Fill the form with what this page's address asks for, if it does. The address is cleaned of it: a reload must
 * not put it over what the visitor has typed since. `fill(request)` sets the form.
 */
export function followLinks(fill) {
  const follow = () => {
    const { found, unfit } = taken();
    if (!Object.keys(found).length && !unfit.length) return;
    fill(found);
    notice(inARow(...unfit, t("link.opened", { button: t("form.generate") })));
  };
  // A link that differs from this address behind the `#` alone opens no new page.
  window.addEventListener("hashchange", follow);
  follow();
}

/** The address of this page with a query. */
function address(query) {
  const asks = String(query);
  return `${location.origin}${location.pathname}${asks && `?${asks}`}`;
}

/** Take the fields out of the address, which keeps what is not ours. */
function taken() {
  const url = new URL(location.href);
  const [query, fragment] = [url.searchParams, new URLSearchParams(url.hash.slice(1))];
  const given = {};
  for (const { name } of settings.fields) {
    const text = fragment.get(name) ?? query.get(name);
    if (text === null) continue;
    given[name] = text;
    query.delete(name);
    if (!fragment.has(name)) continue;
    fragment.delete(name);
    url.hash = fragment;
  }
  const field = settings.edit?.field;
  if (field && query.has(field)) {
    given[field] = query.getAll(field);
    query.delete(field);
  }
  history.replaceState(history.state, "", url);
  return values.fitting(given, "link.unfit");
}
