// What a finished job gives to keep: names for its files, and all originals as one ZIP.

import { element } from "./elements.js";
import { language, t } from "./texts.js";

/** The buttons that save what belongs to the whole job; none before there is something to save. */
export function keepsakes(job) {
  if (job.record.error || job.pictures.filter((picture) => picture?.signed).length < 2) return [];
  return [element("button", { type: "button", class: "quiet-button", click: () => downloadAll(job) }, t("job.zip"))];
}

/** Date, first words of the prompt, and the ending that the content calls for, if there is a picture. */
export function fileName(job, picture, index) {
  const name = `${jobName(job)}-${String(index + 1).padStart(2, "0")}`;
  const ending = { PNG: ".png", JPEG: ".jpg", WEBP: ".webp", MP4: ".mp4", WEBM: ".webm" }[picture.format];
  return `${name}${ending}`;
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
    .map((picture, index) => [picture?.signed, `${jobName(job)}-${String(index + 1).padStart(2, "0")}`])
    .filter(([signed]) => signed);
  const field = element("input", { type: "hidden", name: "job", value: JSON.stringify({ files, about }) });
  const form = element("form", { method: "post", action: "atelier/archive", hidden: true }, field);
  document.body.append(form);
  form.submit();
  form.remove();
}
