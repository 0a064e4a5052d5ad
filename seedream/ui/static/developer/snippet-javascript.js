// A request as a program for Node.

import { json } from "./visible-json.js";
import { t } from "../lib/texts.js";

export function javascript({ request, baseUrl, modelId }) {
  return `import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const API = ${json(baseUrl)};
const MODEL = ${json(modelId)};
const REQUEST = ${json(request, 2)};

const headers = { Authorization: "Bearer " + process.env.RUNCOMFY_TOKEN, "Content-Type": "application/json" };
const ENDINGS = { "89504e": "png", ffd8ff: "jpg", 524946: "webp", "1a45df": "webm" };

function urls(output) {
  if (output && typeof output === "object") return Object.values(output).flatMap(urls);
  return String(output).startsWith("http") ? [output] : [];
}

// ${t("developer.comment_again")}
async function get(url, options) {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await fetch(url, options).catch((error) => {
      if (attempt === 5) throw error;
    });
    const passing = !answer || answer.status === 429 || answer.status >= 500;
    if (!passing || attempt === 5) return answer;
    await sleep(attempt * 1000);
  }
}

// ${t("developer.comment_once")}
const submitted = await fetch(\`\${API}/v1/models/\${MODEL}\`, {
  method: "POST",
  headers,
  body: JSON.stringify(REQUEST),
});
const said = await submitted.text();
const requestId = submitted.ok && JSON.parse(said).request_id;
if (!requestId) throw new Error(said);
console.log("request ID:", requestId);

let job;
for (let round = 0; round < 900; round += 1) {
  await sleep(2000);
  job = await (await get(\`\${API}/v1/requests/\${requestId}/result\`, { headers })).json();
  if (["completed", "succeeded"].includes(job.status)) break;
  if (!job.status || ["failed", "cancelled", "canceled"].includes(job.status)) throw new Error(JSON.stringify(job));
}

// ${t("developer.comment_files")}
const pictures = [...new Set(urls(job.output))];
if (!pictures.length) throw new Error(JSON.stringify(job));
for (const [index, url] of pictures.entries()) {
  const answer = await get(url);
  if (!answer.ok) throw new Error(\`\${url}: HTTP \${answer.status}\`);
  const picture = Buffer.from(await answer.arrayBuffer());
  const ending = ENDINGS[picture.toString("hex", 0, 3)] ?? "mp4";
  const name = \`\${requestId}-\${index + 1}.\${ending}\`;
  await writeFile(name, picture);
  console.log(name);
}
`;
}
