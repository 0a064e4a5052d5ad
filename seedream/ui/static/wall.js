// The wall: a card for each job, with a sentence, the seconds, one thing to do, and the pictures in order.

import { element, say } from "./elements.js";
import { lookAgain } from "./jobs.js";
import { language, number, sentence, t } from "./texts.js";

const cards = new Map();
const TICK_MILLISECONDS = 1000;
// A job this young was just asked for, so the visitor wants to see it; older ones were found again.
const FRESH_MILLISECONDS = 2000;
// After these, looking again would find the same.
const FINAL = new Set(["job_failed", "job_cancelled"]);

/**
 * Draw the wall in `frame`. `cancel(job)` asks the server and answers with a sentence to show, or null;
 * `send(request)` sends one anew.
 */
export function hang(frame, { offline, cancel, send }) {
  const empty = element("p", { class: "wall-empty" }, t("page.empty"));
  const list = element("div", { class: "wall-jobs" });
  frame.append(element("h2", { class: "sr-only" }, t("page.wall")), empty, list);
  setInterval(() => cards.forEach((card) => card.tick()), TICK_MILLISECONDS);
  return (job, change) => {
    if (change === "withdrawn" || change === "forgotten") {
      cards.get(job.key)?.root.remove();
      cards.delete(job.key);
    } else {
      let card = cards.get(job.key);
      if (!card) {
        card = makeCard(job, { offline, cancel, send });
        cards.set(job.key, card);
        list.prepend(card.root);
        if (change === "new" && Date.now() - job.at < FRESH_MILLISECONDS) {
          card.root.scrollIntoView({ block: "nearest" });
        }
      }
      card.update(job);
    }
    empty.hidden = cards.size > 0;
  };
}

function makeCard(added, { offline, cancel, send }) {
  let job = added;
  const words = element("p", { class: "job-words", role: "status" });
  const note = element("p", { class: "job-note", role: "alert", hidden: true });
  const clock = element("span", { class: "job-clock", "aria-hidden": "true" });
  const stop = element("button", { type: "button", class: "quiet-button job-cancel" }, t("job.cancel"));
  const bar = element("div", { class: "job-bar", "aria-hidden": "true" });
  const tiles = element("div", { class: "job-tiles" });
  const named = element("p", { class: "job-id", hidden: true });
  const prompt = element("p", { class: "job-prompt" });
  const again = element("button", { type: "button", class: "quiet-button", hidden: true }, t("job.again"));
  const zip = element("button", { type: "button", class: "quiet-button", hidden: true }, t("job.zip"));
  const resend = element("button", { type: "button", class: "quiet-button", hidden: true }, t("job.send_again"));
  const root = element(
    "article",
    { class: "job", "data-key": job.key },
    prompt,
    element("div", { class: "job-line" }, words, clock, stop),
    bar,
    note,
    named,
    element("div", { class: "job-actions" }, again, resend, zip),
    tiles,
  );
  zip.addEventListener("click", () => downloadAll(job));
  again.addEventListener("click", () => lookAgain(job));
  resend.addEventListener("click", () => {
    if (window.confirm(t("job.send_again_sure"))) send(job.request);
  });
  stop.addEventListener("click", async () => {
    stop.disabled = true;
    say(stop, t("job.cancelling"));
    const answer = await cancel(job);
    if (answer) {
      say(note, answer);
      note.hidden = false;
    }
    stop.disabled = false;
    say(stop, t("job.cancel"));
  });

  function tick() {
    if (job.record.ended) return;
    const seconds = Math.max(0, Math.round((Date.now() - job.at) / 1000));
    say(clock, t("job.elapsed", { seconds }));
    bar.style.setProperty("--done", progress(job));
  }

  function update(now) {
    job = now;
    const { status, error, ended, request_id } = job.record;
    say(prompt, job.request?.prompt ?? t("job.no_prompt"));
    root.dataset.status = error ? "error" : status;
    say(words, describe(job));
    stop.hidden = ended || !request_id || Boolean(note.textContent);
    bar.hidden = ended;
    bar.classList.toggle("job-bar-known", Boolean(job.drawingAt && job.record.usually));
    named.hidden = !(error && request_id);
    if (!named.hidden && !named.childNodes.length) named.append(...requestId(request_id));
    again.hidden = !(error && request_id && !FINAL.has(error.code));
    zip.hidden = Boolean(error) || job.pictures.filter((picture) => picture?.signed).length < 2;
    resend.hidden = !(error?.code === "submission_unknown" && job.request);
    if (ended) say(clock, took(job));
    else tick();
    if (error) tiles.replaceChildren();
    else arrange(tiles, job, offline);
  }

  return { root, tick, update };
}

function describe(job) {
  const { status, error, queue_position: position, outputs } = job.record;
  if (error) return sentence(error, job.record.request_id);
  if (job.lost && !job.record.ended) return t("state.reconnecting");
  if (status === "in_queue" && position !== null && position <= 1) return t("state.in_queue_next");
  if (status === "in_queue" && position !== null) return t("state.in_queue_at", { position });
  if (status === "in_progress" && job.record.usually) {
    const [low, high] = job.record.usually;
    return `${t("state.in_progress")} ${t("state.usually", { low, high })}`;
  }
  if (status !== "completed") return t(`state.${status}`);
  return outputs.every((_, index) => job.pictures[index])
    ? t("state.completed", { count: outputs.length })
    : t("state.collecting");
}

/** How far drawing is, from 0 to 1, by what such jobs usually take. It nears the end and never claims it. */
function progress(job) {
  if (!job.drawingAt || !job.record.usually) return 0;
  const [low, high] = job.record.usually;
  const share = (Date.now() - job.drawingAt) / 1000 / ((low + high) / 2);
  return 1 - Math.exp(-1.6 * share);
}

function took(job) {
  const { created_at: from, finished_at: to } = job.record;
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  return Number.isFinite(seconds) && seconds >= 0 ? t("job.took", { seconds }) : "";
}

function requestId(id) {
  const copy = element("button", { type: "button", class: "quiet-button" }, t("job.copy"));
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(id);
    say(copy, t("job.copied"));
  });
  return [`${t("job.request_id")} `, element("code", {}, id), " ", copy];
}

// Tiles: as many as will come, in the shape that will come, so that nothing jumps when they do.

function arrange(tiles, job, offline) {
  const { status, outputs } = job.record;
  const count = status === "completed" ? outputs.length : expected(job.request);
  while (tiles.children.length > count) tiles.lastChild.remove();
  while (tiles.children.length < count) tiles.append(element("figure", { class: "tile" }));
  tiles.dataset.columns = count === 1 ? 1 : count === 2 || count === 4 ? 2 : 3;
  [...tiles.children].forEach((tile, index) => {
    const picture = job.pictures[index];
    const state = picture?.error ? "missing" : picture ? "shown" : "waiting";
    tile.style.setProperty("--ratio", ratio(picture, job.request));
    if (tile.dataset.state === state) return;
    tile.dataset.state = state;
    if (!picture) tile.replaceChildren();
    else if (picture.error) tile.replaceChildren(missing(job, picture, index));
    else tile.replaceChildren(...shown(job, picture, index, count, offline));
  });
}

function expected(request) {
  return request?.sequential_image_generation === "auto" ? Number(request.max_images) || 1 : 1;
}

function ratio(picture, request) {
  if (picture?.width) return picture.width / picture.height;
  const [, width, height] = /^(\d+)x(\d+)/.exec(request?.resolution ?? "") ?? [null, 4, 3];
  return width / height;
}

function missing(job, picture, index) {
  const again = element("button", { type: "button", class: "quiet-button" }, t("tile.again"));
  again.addEventListener("click", () => lookAgain(job, index));
  return element("div", { class: "tile-error" }, element("p", {}, sentence(picture.error)), again);
}

function shown(job, picture, index, count, offline) {
  const alt = t("job.picture_alt", { number: index + 1, count, prompt: job.request?.prompt ?? "" });
  const media =
    picture.kind === "video"
      ? element("video", { src: picture.original, controls: true, preload: "metadata", "aria-label": alt })
      : element("img", { src: picture.preview, alt, decoding: "async" });
  const about = picture.width
    ? t("picture.about", { width: picture.width, height: picture.height, format: picture.format })
    : picture.format;
  const line = [count > 1 ? `${number(index + 1)} · ` : "", offline ? `${t("offline.sample")} · ` : "", about];
  return [
    media,
    element(
      "figcaption",
      {},
      element("span", {}, line.join("")),
      element(
        "a",
        {
          class: "quiet-button",
          href: picture.original,
          download: fileName(job, picture, index),
          "aria-label": t("job.original_of", { number: index + 1 }),
        },
        t("job.original"),
      ),
    ),
  ];
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
