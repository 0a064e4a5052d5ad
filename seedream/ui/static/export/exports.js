// What a finished job gives to keep: names for its files, the originals as one ZIP, copies with their settings
// inside, and a storyboard of a series.

import { promptOf } from "../job/status-text.js";
import { answered, current } from "../job/addresses.js";
import { button, Refusal, saidPlace, saveButton, workButton } from "../lib/buttons.js";
import { say } from "../lib/elements.js";
import { isSample } from "../lib/payer.js";
import { has, language, number, sentence, t } from "../lib/texts.js";
import { placeOf } from "../job/group.js";
import { saveZip } from "./zip.js";

// Videos and WebP have no place for texts that other tools look into.
const TAKES_SETTINGS = new Set(["PNG", "JPEG"]);

/** What saves all of a job, as two lists: its originals, and for its menu what is made of them. Empty before there are several. */
export function jobExports(job) {
  if (!severalHere(job)) return [[], []];
  const [said, saidOfOthers] = [saidPlace(), saidPlace()];
  const form = () => zipOf(current(job));
  const zip = button(t("job.zip"), () => {
    say(said, "");
    saveZip([job], form, () => say(said, t("export.not_fetched")));
  });
  if (framesOf(job).length < 2) return [[zip, said], []];
  // What draws and prints is loaded by who wants it.
  const sheet = async () => [await (await import("./contact-sheet.js")).contactSheet(story(job)), `${jobName(job)}-sheet.png`];
  const print = async () => (await import("./storyboard.js")).printStoryboard(story(job));
  const others = [saveButton(saidOfOthers, "export.sheet", sheet), workButton(saidOfOthers, "export.print", print)];
  return [[zip, said], [...others, saidOfOthers]];
}

/** A series to be told: its `prompt`, `facts` as one line, `frames`, whether they are `samples`, and its `name`. */
function story(job) {
  const { at, ...now } = current(job);
  const samples = isSample(now);
  const day = new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(at);
  const maker = samples ? t("export.samples") : t("export.made_by_ai", { model: t("model.name") });
  const lacks = lacking(now) && t("export.lacking_sheet", { lacking: lacking(now) });
  return {
    prompt: promptOf(now),
    facts: [day, maker, lacks].filter(Boolean).join(" · "),
    frames: framesOf(now),
    samples,
    name: jobName(job),
  };
}

function severalHere({ record, pictures }) {
  return !record.error && pictures.filter((picture) => picture?.signed).length > 1;
}

/** Which pictures of a series can't be saved just now, by number and why, as words; nothing where all can. */
export function lacking(job) {
  const missing = lackingNumbers(job, (picture) => picture?.error);
  const waiting = lackingNumbers(job, (picture) => !picture);
  return [
    missing.length && t("export.lacking_missing", { numbers: missing.map((each) => number(each)).join(", ") }),
    waiting.length && t("export.lacking_waiting", { numbers: waiting.map((each) => number(each)).join(", ") }),
  ]
    .filter(Boolean)
    .join(", ");
}

/** The sentence that says so before anything is made of the whole series. */
export function lackingSentence(job) {
  const words = severalHere(job) ? lacking(job) : "";
  return words && t("export.lacks", { lacking: words });
}

function lackingNumbers({ record, pictures }, lacks) {
  return record.outputs.map((_, index) => index + 1).filter((each) => lacks(pictures[each - 1]));
}

/** What saves a single picture in another way than as it is: a copy with its settings, where that can be. `said`: see `saveButton`. */
export function pictureExports(job, index, said) {
  const picture = job.pictures[index];
  if (!picture?.signed || !job.request?.prompt || !TAKES_SETTINGS.has(picture.format)) return [];
  const copy = async () => [await copyWithSettings(job, index), fileName(job, picture, index, "-settings")];
  return [saveButton(said, "export.copy", copy, t("export.copy_of", { number: index + 1 }))];
}

/** Date, first words of the prompt, number, and the ending that the content calls for. */
export function fileName(job, picture, index, kind = "") {
  return `${numbered(job, index)}${kind}${picture.ending}`;
}

/** What a picture's files are called, but for the ending. */
export function numbered(job, index) {
  const { number } = placeOf(job, index, job.record.outputs.length);
  return `${jobName(job)}-${String(number).padStart(2, "0")}`;
}

/** The day of a moment, where the visitor is. */
export function dayOf(moment) {
  const made = new Date(moment);
  return [made.getFullYear(), made.getMonth() + 1, made.getDate()].map((each) => String(each).padStart(2, "0")).join("-");
}

function jobName({ at, request }) {
  const words = (request?.prompt ?? "").normalize("NFKC").match(/[\p{L}\p{N}]+/gu) ?? ["seedream"];
  return `${dayOf(at)}-${words.slice(0, 6).join("-").toLocaleLowerCase(language).slice(0, 48)}`;
}

/** What the server makes a ZIP of: the files that are here, and what its manifest says of the job. */
function zipOf(job) {
  const lacks = lackingNumbers(job, (picture) => !picture?.signed).map((each) => {
    const code = job.pictures[each - 1]?.error.code;
    return { number: each, ...(code ? { error: code } : { on_the_way: true }) };
  });
  const about = { name: jobName(job), ...factsOf(job), lacks };
  const files = job.pictures
    .map((picture, index) => [picture?.signed, numbered(job, index)])
    .filter(([signed]) => signed);
  return { files, about };
}

/** What a ZIP's manifest says of a job. */
export function factsOf({ request, record: { request_id, cost_usd, created_at, finished_at } }) {
  return { request_id, request, cost_usd, created_at, finished_at };
}

/** Fetch a picture's copy; the server writes the settings between the original's own bytes. */
async function copyWithSettings(job, index) {
  const written = JSON.stringify({ request: job.request, request_id: job.record.request_id });
  const body = new URLSearchParams({ settings: written });
  const address = ({ pictures }) => pictures[index]?.signed && `atelier/copy/${pictures[index].signed}`;
  const answer = await answered(job, address, { method: "POST", body });
  if (answer?.ok) return answer.blob();
  if (answer?.status === 413) throw new Refusal(t("export.too_long"));
  // No answer came, or it is nobody's who knows of errors.
  const error = answer && (await answer.json().catch(() => null))?.error;
  throw new Refusal(has(`error.${error?.code}`) ? sentence(error) : t("export.failed"));
}

/** The pictures of a series that a storyboard can show, each with its number. */
function framesOf({ pictures }) {
  return pictures
    .map((picture, index) => ({ ...picture, number: index + 1 }))
    .filter((picture) => picture.preview && picture.width);
}
