// For developers: a job's request as whole programs, and the JSON that came back.

import { isFile, modelOf, referencesOf, resultOf } from "../lib/reference-tokens.js";
import { copyButton, selectAll } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { isSample } from "../lib/payer.js";
import { settings } from "../lib/settings.js";
import { sentence, t } from "../lib/texts.js";
import { PROGRAMS } from "./snippets.js";
import { tabs } from "./tabs.js";
import { json } from "./visible-json.js";

// Who reads Python of one job reads it of the next.
let favourite = PROGRAMS[0].name;

/** Draw the panel in `body`, and return what brings it up to date: `(job)`. */
export function developerPanel(body) {
  let blocks = [];
  return (job) => {
    const programs = job.request ? PROGRAMS : [];
    if (blocks.length !== programs.length + 1) {
      blocks = [...programs.map(program), answer()];
      const prefer = (name) => (favourite = name);
      const list = tabs(`developer-${job.key}`, t("developer.programs"), blocks, favourite, prefer);
      body.replaceChildren(...intro(job).map(note), list);
    }
    blocks.forEach(({ code, write }) => say(code, write(job)));
  };
}

function intro(job) {
  const { base_url: address, real_url: official } = settings;
  if (!job.request) return [t("developer.no_request")];
  return [t("developer.intro"), ...(isSample(job) ? [t("developer.offline", { address, official })] : [])];
}

function note(text) {
  return element("p", { class: "developer-note" }, text);
}

function program({ name, file, command, write, asksPage }) {
  const run = t("developer.run", { file, command });
  const { base_url: usual, real_url: real, login } = settings;
  const page = `${location.origin}${location.pathname}`;
  const facts = ({ request, own }) => ({
    request: shownRequest(request),
    own,
    baseUrl: own ? real : usual,
    modelId: modelOf(request),
    endpoint: referencesOf(request).length && modelOf(request) !== settings.model_id ? "/edit" : "/generate",
    page,
    login,
  });
  return block(name, asksPage ? t("developer.page", { run }) : run, (job) => write(facts(job)));
}

/** A request as a program has it: of a file, which is in no program, its place. */
function shownRequest(request) {
  const references = referencesOf(request);
  if (!references.length) return request;
  const shown = references.map((token) => (isFile(token) ? "data:image/jpeg;base64,…" : resultOf(token)?.url ?? token));
  return { ...request, [settings.edit.field]: shown };
}

function answer() {
  return block(t("developer.answer"), t("developer.answer_about"), (job) => json(result(job), 2));
}

/** A text to copy, as what a tab shows: its `name` and `content`, and the `code` to fill with what `write(job)` gives. */
function block(name, about, write) {
  // A program is a program in any language, and no translator's business.
  const attributes = { class: "code", tabindex: "0", role: "region", "aria-label": name, translate: "no", dir: "ltr" };
  const code = element("pre", attributes);
  const line = note(about);
  const byHand = () => {
    say(line, t("developer.by_hand"));
    selectAll(code);
  };
  const copy = copyButton(t("job.copy"), () => code.textContent, { byHand });
  return { name, code, write, content: [element("div", { class: "developer-line" }, line, copy), code] };
}

/** The job as the API's `/result` tells it. The files' addresses are known once the pictures are here. */
function result({ record, pictures }) {
  const output = {};
  for (const kind of ["image", "video"]) {
    const urls = pictures.filter((picture) => picture?.kind === kind).map((picture) => picture.url);
    if (urls.length === 1) [output[kind]] = urls;
    else if (urls.length) output[`${kind}s`] = urls;
  }
  return {
    request_id: record.request_id,
    status: record.status,
    ...(record.status === "in_queue" && { queue_position: record.queue_position }),
    output: Object.keys(output).length ? output : null,
    created_at: record.created_at ?? null,
    finished_at: record.finished_at ?? null,
    cost: record.cost_usd ?? null,
    error: record.error && { code: record.error.code, message: sentence(record.error, record.request_id) },
  };
}
