// A series on paper: numbered frames and the prompt, as one contact sheet (PNG) or as A4 pages (PDF). All is
// drawn here, on a canvas, so that every script has the fonts of the visitor's own device.

import { fontFamily } from "../gradio/form.js";
import { readPalette } from "../lib/palette.js";
import { settings } from "../lib/settings.js";
import { language, number, t } from "../lib/texts.js";
import { linesOf } from "./line-break.js";
import { pdf } from "./pdf.js";
import { withText } from "./png-text.js";
import { columnsOf, fitted, placed } from "./sheet-layout.js";

// A4 across, in pixels for print.
const PIXELS_PER_INCH = 200;
const [WIDTH, HEIGHT] = [2339, 1654];
const MARGIN = 112;
const GAP = 48;
const INNER = WIDTH - 2 * MARGIN;
// A longer line is hard to read.
const MEASURE = 1680;
const MOST_LARGE_LINES = 3;
// As tall as a line is for each pixel of its letters, and what a frame's number needs below it.
const LEADING = 1.45;
const CAPTION = 64;
const AFTER_TEXT = 48;
// The most that a canvas holds on a phone.
const MOST_PIXELS = 16_000_000;
// In any scheme, on white paper.
const COLORS = readPalette("light");
const style = (size, weight, color) => ({ size, color, font: `${weight} ${size}px ${fontFamily()}` });
const FACTS = style(30, 400, COLORS["ink-2"]);
const TEXT = style(36, 400, COLORS.ink);
const LARGE = style(48, 600, COLORS.ink);
const NUMBER = style(36, 600, COLORS.ink);
const LABEL = { ...NUMBER, color: COLORS.card };

/** Draw the whole series on one sheet: a PNG. `story` is `{ prompt, at, frames, samples, lacks }`. */
export async function contactSheet(story) {
  const ratio = ratioOf(story.frames);
  const columns = columnsOf(story.frames.length, ratio);
  const width = (INNER - (columns - 1) * GAP) / columns;
  const [sheet] = pagesOf(story, Infinity, () => ({ columns, width, height: width / ratio }));
  const height = Math.ceil(Math.max(...sheet.boxes.map((box) => box.y + box.height)) + CAPTION + MARGIN);
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (WIDTH * height)));
  const png = await file(await drawn({ ...sheet, height }, story, scale), "image/png");
  return story.samples ? png : withText(png, "XML:com.adobe.xmp", settings.made_by_ai_xmp);
}

/** Draw the series on A4 pages: a PDF. */
export async function storyboard(story) {
  const fit = (room) => fitted(story.frames.length, ratioOf(story.frames), room, { gap: GAP, caption: CAPTION });
  const sheets = pagesOf(story, HEIGHT, fit);
  const pages = [];
  for (const [index, sheet] of sheets.entries()) {
    const foot = sheets.length > 1 ? `${number(index + 1)} / ${number(sheets.length)}` : "";
    const canvas = await drawn({ ...sheet, height: HEIGHT, foot }, story);
    const jpeg = new Uint8Array(await (await file(canvas, "image/jpeg", 0.92)).arrayBuffer());
    pages.push({ jpeg, width: WIDTH, height: HEIGHT, about: inWords(sheet, index, story) });
  }
  return pdf({ pages, pixelsPerInch: PIXELS_PER_INCH, title: story.prompt.slice(0, 120), language, made: story.at });
}

/**
 * Share text and frames out among pages of a height: the frames begin below the text where enough of the page is
 * left, in the grid that `fit(room)` finds for them there.
 */
function pagesOf(story, height, fit) {
  const bottom = height - MARGIN;
  const pages = [{ lines: [], boxes: [] }];
  const turn = () => {
    pages.push({ lines: [], boxes: [] });
    return MARGIN;
  };
  let y = MARGIN;
  for (const line of headLines(story)) {
    if (y + line.height > bottom) y = turn();
    pages.at(-1).lines.push(line);
    y += line.height;
  }
  let top = y > height / 2 ? turn() : y + AFTER_TEXT;
  let rest = story.frames;
  const grid = fit({ width: INNER, height: bottom - top });
  const left = (WIDTH - grid.columns * grid.width - (grid.columns - 1) * GAP) / 2;
  while (rest.length) {
    const rows = Math.max(1, Math.floor((bottom - top + GAP) / (grid.height + CAPTION + GAP)));
    const here = rest.slice(0, rows * grid.columns);
    pages.at(-1).boxes = placed(here, { ...grid, left, top, gap: GAP, caption: CAPTION });
    rest = rest.slice(here.length);
    if (rest.length) top = turn();
  }
  return pages;
}

/** Date and maker, then the prompt: large where it is short. */
function headLines({ prompt, at, samples, lacks }) {
  const day = new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(at);
  const maker = samples ? t("keepsake.samples") : t("keepsake.made_by_ai", { model: t("keepsake.model") });
  const facts = styled([day, maker, lacks].filter(Boolean).join(" · "), FACTS);
  facts.at(-1).height += FACTS.size / 2;
  const large = styled(prompt, LARGE);
  return [...facts, ...(large.length > MOST_LARGE_LINES ? styled(prompt, TEXT) : large)];
}

function styled(text, style) {
  const lines = linesOf(text, { width: MEASURE, font: style.font, language });
  return lines.map((line) => ({ ...line, ...style, height: Math.round(style.size * LEADING) }));
}

function ratioOf(frames) {
  return frames.reduce((sum, { width, height }) => sum + width / height, 0) / frames.length;
}

/** What a page shows, for who can't see it. */
function inWords({ boxes }, index, { prompt, samples, lacks }) {
  const [first, last] = [boxes[0]?.frame.number, boxes.at(-1)?.frame.number];
  return [
    samples && t("keepsake.samples"),
    (index === 0 || !first) && prompt,
    first && t("keepsake.frames", { first, last }),
    index === 0 && lacks,
  ].filter(Boolean).join(" · ");
}

/** Draw one page, and let the browser breathe after each frame. */
async function drawn({ lines, boxes, height, foot }, { samples }, scale = 1) {
  const canvas = document.createElement("canvas");
  canvas.lang = language;
  [canvas.width, canvas.height] = [Math.floor(WIDTH * scale), Math.floor(height * scale)];
  const ink = canvas.getContext("2d", { alpha: false });
  ink.scale(scale, scale);
  ink.fillStyle = COLORS.card;
  ink.fillRect(0, 0, WIDTH, height);
  ink.imageSmoothingQuality = "high";
  ink.textBaseline = "top";
  let y = MARGIN;
  for (const line of lines) {
    write(ink, line.text, line.rtl ? WIDTH - MARGIN : MARGIN, y, line);
    y += line.height;
  }
  ink.textBaseline = "middle";
  for (const box of boxes) {
    await drawFrame(ink, box, samples);
    await new Promise((resolve) => setTimeout(resolve));
  }
  if (foot) write(ink, foot, WIDTH - MARGIN, height - MARGIN / 2, { ...FACTS, align: "right" });
  return canvas;
}

async function drawFrame(ink, { frame, x, y, width, height }, sample) {
  const image = new Image();
  image.src = frame.preview;
  await image.decode();
  ink.drawImage(image, x, y, width, height);
  ink.lineWidth = 2;
  ink.strokeStyle = COLORS.line;
  ink.strokeRect(x, y, width, height);
  write(ink, number(frame.number), x, y + height + CAPTION / 2, NUMBER);
  if (!sample) return;
  const label = t("offline.sample");
  ink.fillRect(x, y, ink.measureText(label).width + 40, 64);
  write(ink, label, x + 20, y + 32, LABEL);
}

function write(ink, text, x, y, { font, color, rtl = false, align = "start" }) {
  ink.font = font;
  ink.fillStyle = color;
  ink.direction = rtl ? "rtl" : "ltr";
  ink.textAlign = align;
  ink.fillText(text.trimEnd(), x, y);
}

function file(canvas, type, quality) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the canvas gave no file"))), type, quality);
  });
}
