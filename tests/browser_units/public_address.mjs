// Says of each address of a line whether the page takes it for a public one.

import { createInterface } from "node:readline";

const folder = process.argv[2];
const { setSettings } = await import(`${folder}/lib/settings.js`);
const { isPublicAddress } = await import(`${folder}/lib/public-address.js`);

for await (const line of createInterface({ input: process.stdin })) {
  const { settings, addresses } = JSON.parse(line);
  setSettings(settings);
  process.stdout.write(`${JSON.stringify(addresses.map(isPublicAddress))}\n`);
}
