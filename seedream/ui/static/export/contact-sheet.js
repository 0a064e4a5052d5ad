// A series on one sheet: numbered frames and the prompt, as a PNG. All is drawn here, on a canvas, so that every script
// has the fonts of the visitor's own device.

import { fontFamily } from "../gradio/form.js";
import { readPalette } from "../lib/palette.js";
import { settings } from "../lib/settings.js";
import { language, number, t } from "../lib/texts.js";
import { linesOf } from "./line-break.js";
import { withText } from "./png-text.js";
import { columnsOf, placed } from "./sheet-layout.js";

// A4 across, in pixels for print.
const WIDTH = 2339;
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

/** Draw a series as it is told in exports.js. */
export async function contactSheet(story) {
  const lines = headLines(story);
  const ratio = story.frames.reduce((sum, { width, height }) => sum + width / height, 0) / story.frames.length;
  const columns = columnsOf(story.frames.length, ratio);
  const width = (INNER - (columns - 1) * GAP) / columns;
  const top = lines.reduce((sum, line) => sum + line.height, MARGIN) + AFTER_TEXT;
  const grid = { columns, width, height: width / ratio, left: MARGIN, top, gap: GAP, caption: CAPTION };
  const boxes = placed(story.frames, grid);
  const height = Math.ceil(Math.max(...boxes.map((box) => box.y + box.height)) + CAPTION + MARGIN);
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (WIDTH * height)));
  const png = await file(await drawn({ lines, boxes, height }, story, scale));
  return story.samples ? png : withText(png, "XML:com.adobe.xmp", settings.made_by_ai_xmp);
}

/** Date and maker, then the prompt: large where it is short. */
function headLines({ prompt, facts }) {
  const small = styled(facts, FACTS);
  small.at(-1).height += FACTS.size / 2;
  const large = styled(prompt, LARGE);
  return [...small, ...(large.length > MOST_LARGE_LINES ? styled(prompt, TEXT) : large)];
}

function styled(text, style) {
  const lines = linesOf(text, { width: MEASURE, font: style.font, language });
  return lines.map((line) => ({ ...line, ...style, height: Math.round(style.size * LEADING) }));
}

/** Draw the sheet, and let the browser breathe after each frame. */
async function drawn({ lines, boxes, height }, { samples }, scale) {
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

function write(ink, text, x, y, { font, color, rtl = false }) {
  ink.font = font;
  ink.fillStyle = color;
  ink.direction = rtl ? "rtl" : "ltr";
  ink.textAlign = "start";
  ink.fillText(text.trimEnd(), x, y);
}

function file(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the canvas gave no file"))), "image/png");
  });
}
