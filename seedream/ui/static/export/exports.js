// What a finished job gives to keep: names for its files, the originals as one ZIP, copies with their settings
// inside, and a storyboard of a series.

import { element } from "../lib/elements.js";
import { Refusal, saidPlace, savingButton } from "./save-button.js";
import { settings } from "../lib/settings.js";
import { has, language, sentence, t } from "../lib/texts.js";

// Videos and WebP have no place for texts that other tools look into.
const TAKES_SETTINGS = new Set(["PNG", "JPEG"]);

/** The buttons that save what belongs to the whole job; none before there is something to save. */
export function keepsakes(job) {
  if (job.record.error || job.pictures.filter((picture) => picture?.signed).length < 2) return [];
  const zip = element("button", { type: "button", class: "quiet-button", click: () => downloadAll(job) }, t("job.zip"));
  if (frames(job).length < 2) return [zip];
  const said = saidPlace();
  const sheet = savingButton(said, {
    label: t("keepsake.sheet"),
    busy: t("keepsake.sheet_busy"),
    make: async () => ({ blob: await (await drawing()).contactSheet(story(job)), name: `${jobName(job)}-sheet.png` }),
  });
  const pdf = savingButton(said, {
    label: t("keepsake.pdf"),
    busy: t("keepsake.pdf_busy"),
    make: async () => ({ blob: await (await drawing()).storyboard(story(job)), name: `${jobName(job)}.pdf` }),
  });
  return [zip, sheet, pdf, said];
}

/** What saves a single picture in another way than as it is: a copy with its settings, where that can be. */
export function pictureKeepsakes(job, index) {
  const picture = job.pictures[index];
  if (!picture?.signed || !job.request?.prompt || !TAKES_SETTINGS.has(picture.format)) return [];
  const said = saidPlace();
  const copy = savingButton(said, {
    label: t("keepsake.copy"),
    busy: t("keepsake.copy_busy"),
    about: t("keepsake.copy_of", { number: index + 1 }),
    make: async () => ({ blob: await copyWithSettings(job, picture), name: copyName(job, picture, index) }),
  });
  return [copy, said];
}

/** Date, first words of the prompt, and the ending that the content calls for, if there is a picture. */
export function fileName(job, picture, index) {
  return `${numbered(job, index)}${picture.ending}`;
}

function copyName(job, picture, index) {
  return `${numbered(job, index)}-settings${picture.ending}`;
}

function numbered(job, index) {
  return `${jobName(job)}-${String(index + 1).padStart(2, "0")}`;
}

function jobName(job) {
  const day = new Date(job.at).toISOString().slice(0, 10);
  const words = (job.request?.prompt ?? "").normalize("NFKC").match(/[\p{L}\p{N}]+/gu) ?? ["seedream"];
  return `${day}-${words.slice(0, 6).join("-").toLocaleLowerCase(language).slice(0, 48)}`;
}

/** Save all originals as one ZIP. A form does it: the browser streams the answer to disk by itself. */
function downloadAll(job) {
  const { request_id, cost_usd, created_at, finished_at } = job.record;
  const about = { name: jobName(job), request_id, request: job.request, cost_usd, created_at, finished_at };
  const files = job.pictures
    .map((picture, index) => [picture?.signed, numbered(job, index)])
    .filter(([signed]) => signed);
  const field = element("input", { type: "hidden", name: "job", value: JSON.stringify({ files, about }) });
  const form = element("form", { method: "post", action: "atelier/archive", hidden: true }, field);
  document.body.append(form);
  form.submit();
  form.remove();
}

/** Fetch a picture's copy; the server writes the settings between the original's own bytes. */
async function copyWithSettings({ request, record }, { signed }) {
  const settings = JSON.stringify({ request, request_id: record.request_id });
  const answer = await fetch(`atelier/copy/${signed}`, { method: "POST", body: new URLSearchParams({ settings }) });
  if (answer.ok) return answer.blob();
  if (answer.status === 413) throw new Refusal(t("keepsake.too_long"));
  const { error } = await answer.json();
  throw new Refusal(has(`error.${error.code}`) ? sentence(error) : t("keepsake.failed"));
}

/** What draws sheets and pages is loaded by who wants one. */
function drawing() {
  return import("./storyboard.js");
}

/** The pictures of a series that a storyboard can show, each with its number. */
function frames(job) {
  return job.pictures
    .map((picture, index) => ({ ...picture, number: index + 1 }))
    .filter((picture) => picture.preview && picture.width);
}

function story(job) {
  return {
    prompt: job.request?.prompt ?? t("job.no_prompt"),
    at: job.at,
    frames: frames(job),
    samples: settings.offline,
  };
}
