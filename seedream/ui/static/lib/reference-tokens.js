// What stands for a picture that goes in, wherever a request is kept: its address; `result:`, with the signed link of a
// picture of this page; or `file:`, with the name of what this browser keeps (lib/blobs.js). The bytes themselves stand
// in no request but the one that is sent.

import { newKey } from "./keys.js";
import { kept } from "./blobs.js";
import { settings } from "./settings.js";

const RESULT = "result:";
const FILE = "file:";
// How many bytes of a signed link are its signature, before what it names (seedream/ui/signed_urls.py).
const SIGNATURE_BYTES = 16;
const files = kept({ database: "seedream", store: "references", mostBytes: 60 * 1024 * 1024 });
const addresses = new Map();

/** The references of a request, as tokens. */
export function referencesOf(request) {
  return (settings.edit && request?.[settings.edit.field]) || [];
}

/** The ID of the model that a request goes to. */
export function modelOf(request) {
  return referencesOf(request).length ? settings.edit.model_id : settings.model_id;
}

export function tokenOfResult(signed) {
  return RESULT + signed;
}

/** Keep a file's blob and a `small` one to show, and return their token. It holds from now on, however long that takes. */
export function tokenOfFile(blob, small) {
  const id = newKey();
  files.keep({ id, blob, small });
  return FILE + id;
}

export function isFile(token) {
  return token.startsWith(FILE);
}

/** The signed link behind a token of a result, or null. */
export function signedOf(token) {
  return token.startsWith(RESULT) ? token.slice(RESULT.length) : null;
}

/** What a token of a result names: its address at RunComfy, and the request ID of its job; null if it is none. */
export function resultOf(token) {
  const signed = signedOf(token);
  if (!signed) return null;
  try {
    const raw = atob(signed.replace(/-/g, "+").replace(/_/g, "/"));
    const [, url, requestId] = JSON.parse(raw.slice(SIGNATURE_BYTES));
    return { url, requestId };
  } catch {
    return null;
  }
}

/** The address where this browser can see a picture; null where what was kept of it is gone. */
export function visibleAt(token) {
  return addressAt(token, "blob");
}

/** The same, where a small one is enough. */
export function smallAt(token) {
  return addressAt(token, "small");
}

async function addressAt(token, which) {
  const signed = signedOf(token);
  if (signed) return `atelier/preview/${signed}`;
  if (!isFile(token)) return token;
  const file = await keptOf(token);
  if (!file) return null;
  // One for as long as the page is open: it is asked for by the form, the card and the large view.
  if (!addresses.has(file[which])) addresses.set(file[which], URL.createObjectURL(file[which]));
  return addresses.get(file[which]);
}

/** A request as it is sent: files in it as data URIs. Null where what was kept of one is gone. */
export async function sendable(request) {
  const references = referencesOf(request);
  if (!references.length) return request;
  const sent = await Promise.all(references.map((token) => (isFile(token) ? dataUri(token) : token)));
  return sent.includes(null) ? null : { ...request, [settings.edit.field]: sent };
}

function keptOf(token) {
  return files.find(token.slice(FILE.length));
}

async function dataUri(token) {
  const kept = await keptOf(token);
  if (!kept) return null;
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => resolve(null);
    reader.readAsDataURL(kept.blob);
  });
}
