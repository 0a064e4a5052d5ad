// What a finished job gives to keep: names for its files, the originals as one ZIP, copies with their settings
// inside, and a storyboard of a series.

import { promptOf } from "../job/status-text.js";
import { button, Refusal, saveButton } from "../lib/buttons.js";
import { element } from "../lib/elements.js";
import { settings } from "../lib/settings.js";
import { has, language, sentence, t } from "../lib/texts.js";

// Videos and WebP have no place for texts that other tools look into.
const TAKES_SETTINGS = new Set(["PNG", "JPEG"]);

/** The buttons that save what belongs to the whole job; none before there is something to save. */
export function jobExports(job) {
  if (job.record.error || job.pictures.filter((picture) => picture?.signed).length < 2) return [];
  const zip = button(t("job.zip"), () => downloadAll(job));
  if (framesOf(job).length < 2) return [zip];
  const said = saidPlace();
  const story = () => ({ prompt: promptOf(job), at: job.at, frames: framesOf(job), samples: settings.offline });
  // What draws sheets and pages is loaded by who wants one.
  const drawing = () => import("./storyboard.js");
  const sheet = async () => [await (await drawing()).contactSheet(story()), `${jobName(job)}-sheet.png`];
  const pages = async () => [await (await drawing()).storyboard(story()), `${jobName(job)}.pdf`];
  return [zip, saveButton(said, "keepsake.sheet", sheet), saveButton(said, "keepsake.pdf", pages), said];
}

/** What saves a single picture in another way than as it is: a copy with its settings, where that can be. */
export function pictureExports(job, index) {
  const picture = job.pictures[index];
  if (!picture?.signed || !job.request?.prompt || !TAKES_SETTINGS.has(picture.format)) return [];
  const said = saidPlace();
  const copy = async () => [await copyWithSettings(job, picture), fileName(job, picture, index, "-settings")];
  return [saveButton(said, "keepsake.copy", copy, t("keepsake.copy_of", { number: index + 1 })), said];
}

/** Date, first words of the prompt, number, and the ending that the content calls for. */
export function fileName(job, picture, index, kind = "") {
  return `${numbered(job, index)}${kind}${picture.ending}`;
}

function numbered(job, index) {
  return `${jobName(job)}-${String(index + 1).padStart(2, "0")}`;
}

function jobName({ at, request }) {
  const day = new Date(at).toISOString().slice(0, 10);
  const words = (request?.prompt ?? "").normalize("NFKC").match(/[\p{L}\p{N}]+/gu) ?? ["seedream"];
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
  const written = JSON.stringify({ request, request_id: record.request_id });
  const body = new URLSearchParams({ settings: written });
  const answer = await fetch(`atelier/copy/${signed}`, { method: "POST", body });
  if (answer.ok) return answer.blob();
  if (answer.status === 413) throw new Refusal(t("keepsake.too_long"));
  const { error } = await answer.json();
  throw new Refusal(has(`error.${error.code}`) ? sentence(error) : t("keepsake.failed"));
}

function saidPlace() {
  return element("span", { class: "save-said", role: "status" });
}

/** The pictures of a series that a storyboard can show, each with its number. */
function framesOf({ pictures }) {
  return pictures
    .map((picture, index) => ({ ...picture, number: index + 1 }))
    .filter((picture) => picture.preview && picture.width);
}
