// Reads signed links as the page does: each line is one, and its answer what the link names.

import { createInterface } from "node:readline";

const { resultOf, tokenOfResult } = await import(`${process.argv[2]}/lib/reference-tokens.js`);

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(resultOf(tokenOfResult(JSON.parse(line))))}\n`);
}
