// For developers: a job's request as whole programs, and the JSON that came back. Closed until somebody looks.

import { copyButton, selectAll } from "../lib/copy-button.js";
import { element, say } from "../lib/elements.js";
import { json } from "./visible-json.js";
import { PROGRAMS } from "./snippets.js";
import { settings } from "../lib/settings.js";
import { tabs } from "./tabs.js";
import { sentence, t } from "../lib/texts.js";

// Who reads Python on one card reads it on the next.
let favourite = PROGRAMS[0].name;

/** The panel of a job: its `root`, and `update(job)` for each change. */
export function developerPanel(added) {
  let job = added;
  let blocks = [];
  const body = element("div", { class: "developer-body" });
  const root = element("details", { class: "developer" }, element("summary", {}, t("developer.title")), body);
  const draw = () => {
    if (!root.open) return;
    const programs = job.request ? PROGRAMS : [];
    if (blocks.length !== programs.length + 1) {
      blocks = [...programs.map(program), answer()];
      const chosen = (name) => {
        favourite = name;
      };
      const id = `developer-${job.key}`;
      body.replaceChildren(...intro(job), tabs(id, t("developer.programs"), blocks, favourite, chosen));
    }
    blocks.forEach((block) => say(block.code, block.write(job)));
  };
  root.addEventListener("toggle", draw);
  const update = (now) => {
    job = now;
    draw();
  };
  return { root, update };
}

function intro(job) {
  const { offline, base_url: address, official_url: official } = settings;
  const line = (text) => element("p", { class: "developer-note" }, text);
  if (!job.request) return [line(t("developer.no_request"))];
  return [line(t("developer.intro")), offline ? line(t("developer.offline", { address, official })) : null].filter(Boolean);
}

function program({ name, file, command, write, asksPage }) {
  const run = t("developer.run", { file, command });
  const made = block(name, asksPage ? t("developer.page", { run }) : run);
  return { ...made, write: (job) => write(facts(job)) };
}

function answer() {
  const name = t("developer.answer");
  return { ...block(name, t("developer.answer_about")), write: (job) => json(result(job), 2) };
}

function block(name, about) {
  // A program is a program in any language, and no translator's business.
  const attributes = { class: "code", tabindex: "0", role: "region", "aria-label": name, translate: "no", dir: "ltr" };
  const code = element("pre", attributes);
  const note = element("p", { class: "developer-note" }, about);
  const byHand = () => {
    say(note, t("developer.by_hand"));
    selectAll(code);
  };
  const copy = copyButton(t("job.copy"), () => code.textContent, byHand);
  return { name, code, panel: element("div", {}, element("div", { class: "developer-line" }, note, copy), code) };
}

function facts(job) {
  const { base_url: baseUrl, model_id: modelId, login } = settings;
  const page = `${location.origin}${location.pathname}`;
  return { request: job.request, baseUrl, modelId, page, login, own: job.own };
}

/** The job as the API's `/result` tells it. The files' addresses are known once the pictures are here. */
function result({ record, pictures }) {
  const urls = (kind) => pictures.filter((picture) => picture?.kind === kind).map((picture) => picture.url);
  const output = Object.fromEntries(
    ["image", "video"]
      .map((kind) => [kind, urls(kind)])
      .filter(([, found]) => found.length)
      .map(([kind, found]) => (found.length === 1 ? [kind, found[0]] : [`${kind}s`, found])),
  );
  return {
    request_id: record.request_id,
    status: record.status,
    ...(record.status === "in_queue" ? { queue_position: record.queue_position } : {}),
    output: Object.keys(output).length ? output : null,
    created_at: record.created_at ?? null,
    finished_at: record.finished_at ?? null,
    cost: record.cost_usd ?? null,
    error: record.error && { code: record.error.code, message: sentence(record.error, record.request_id) },
  };
}
