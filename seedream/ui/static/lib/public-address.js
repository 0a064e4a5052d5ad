// Whether an address has the form of a public HTTPS one, as the server checks it (seedream/schema/references.py).

const LONGEST = 2048;
const PLAIN = /^[!-~]+$/;
const PUBLIC_HOST = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;
const NOT_PUBLIC = /(?:^|\.)(?:arpa|corp|example|home|internal|intranet|invalid|lan|local|localdomain|localhost|onion|private|test)$/;

/** Tell it of an address; `ownOrigin` is whose own files may be named, whatever they are. */
export function isPublicAddress(address, ownOrigin = "") {
  if (address.length > LONGEST || !PLAIN.test(address) || address.includes("\\")) return false;
  if (ownOrigin && address.startsWith(`${ownOrigin}/`)) return true;
  // As it is written: a browser would mend it, and read numbers as hosts.
  const [, host] = /^https:\/\/([^/?#]*)/i.exec(address) ?? [];
  const name = host?.replace(/:443$/, "").toLowerCase();
  return name !== undefined && PUBLIC_HOST.test(name) && !NOT_PUBLIC.test(name);
}
