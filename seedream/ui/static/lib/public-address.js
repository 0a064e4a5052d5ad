// Whether an address has the form of a public HTTPS one. The rule is the server's (seedream/schema/references.py).

import { settings } from "./settings.js";

const PLAIN = /^[!-[\]-~]+$/;

/** Tell it of an address, as it is written: a browser would mend it, and read numbers as hosts. */
export function isPublicAddress(address) {
  const { longest, pattern, longest_host, not_public } = settings.edit.addresses;
  if (address.length > longest) return false;
  // The API's own files may be named, wherever it is.
  if (address.startsWith(`${settings.base_url}/`)) return PLAIN.test(address);
  const [, host] = new RegExp(`^(?:${pattern})$`, "i").exec(address) ?? [];
  return host !== undefined && host.length <= longest_host && !not_public.includes(host.toLowerCase().split(".").at(-1));
}
