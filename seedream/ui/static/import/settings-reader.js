// Settings from a file: a picture with its settings inside (PNG, JPEG), or a ZIP's manifest, in it or by itself. All
// of it is read here, in the browser; what a file says is foreign text, whoever wrote it.

import { manifestIn } from "./zip-manifest.js";

// No picture of this page comes near it.
const MOST_BYTES = 64 * 1024 * 1024;

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const [SOS, APP1, COM] = [0xda, 0xe1, 0xfe];
const [EXIF_POINTER, USER_COMMENT] = [0x8769, 0x9286];
// What other tools write behind the prompt, and this one too: lines of settings.
const AFTER_PROMPT = /\n(?:Negative prompt|Steps|Size): [^]*$/;

/**
 * Read the settings in a file: `{ settings }`, everything as it was sent; `{ prompt }`, where another tool wrote
 * it and no more can be trusted; `{ tooLarge }`, unread; or null.
 */
export async function settingsIn(file) {
  try {
    const manifest = await manifestIn(file);
    if (manifest !== null) return told({ seedream: manifest });
    if (file.size > MOST_BYTES) return { tooLarge: true };
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (PNG.every((byte, at) => bytes[at] === byte)) return told(textsOfPng(bytes));
    if (bytes[0] === 0xff && bytes[1] === 0xd8) return told(textsOfJpeg(bytes));
    return told({ seedream: utf8(bytes) });
  } catch {
    // A folder can't be read, a damaged file ends where it should go on, and JSON that is none does not parse.
    return null;
  }
}

function told({ seedream, parameters }) {
  const about = attempt(() => JSON.parse(seedream));
  const settings = about?.request ?? about;
  if (hasPrompt(settings)) return { settings };
  const prompt = parameters?.replace(AFTER_PROMPT, "");
  return hasPrompt({ prompt }) ? { prompt } : null;
}

/** What `read()` reads; undefined where it stumbles over something damaged. */
function attempt(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function hasPrompt(settings) {
  return typeof settings?.prompt === "string" && settings.prompt.trim();
}

/** The texts of a PNG by keyword, as far as they are not compressed. */
function textsOfPng(bytes) {
  const view = new DataView(bytes.buffer);
  const texts = {};
  for (let at = PNG.length; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at);
    const kind = latin1(bytes.subarray(at + 4, at + 8));
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (kind === "tEXt" || kind === "iTXt") {
      const end = data.indexOf(0);
      const keyword = latin1(data.subarray(0, end));
      const text = kind === "tEXt" ? latin1(data.subarray(end + 1)) : international(data.subarray(end + 1));
      if (text !== null) texts[keyword] ??= text;
    }
    at += 8 + length + 4;
  }
  return texts;
}

/** An iTXt's text behind its keyword: a flag and a method of compression, a language, the keyword in it, the text. */
function international(data) {
  if (data[0] !== 0) return null;
  const keyword = data.indexOf(0, 2) + 1;
  return utf8(data.subarray(data.indexOf(0, keyword) + 1));
}

/** The texts of a JPEG: the settings are a comment, and what other tools write is EXIF's UserComment. */
function textsOfJpeg(bytes) {
  const view = new DataView(bytes.buffer);
  const texts = {};
  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff || marker === SOS) break;
    // It may be filled up in front.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const length = view.getUint16(at + 2);
    const data = bytes.subarray(at + 4, at + 2 + length);
    if (marker === COM) texts.seedream ??= attempt(() => JSON.stringify(JSON.parse(utf8(data)).seedream));
    const isExif = marker === APP1 && latin1(data.subarray(0, 6)) === "Exif\0\0";
    if (isExif) texts.parameters ??= attempt(() => userComment(data.slice(6)));
    at += 2 + length;
  }
  return texts;
}

/** The UserComment of an EXIF block, if it is in UTF-16, in the block's own order of bytes. */
function userComment(exif) {
  const view = new DataView(exif.buffer);
  const little = latin1(exif.subarray(0, 2)) === "II";
  const entry = (directory, wanted) => {
    for (let index = 0; index < view.getUint16(directory, little); index += 1) {
      const at = directory + 2 + 12 * index;
      if (view.getUint16(at, little) === wanted) return [view.getUint32(at + 4, little), view.getUint32(at + 8, little)];
    }
    throw new Error("not in this block");
  };
  const [, directory] = entry(view.getUint32(4, little), EXIF_POINTER);
  const [length, start] = entry(directory, USER_COMMENT);
  const comment = exif.subarray(start, start + length);
  if (latin1(comment.subarray(0, 8)) !== "UNICODE\0") return undefined;
  return new TextDecoder(little ? "utf-16le" : "utf-16be").decode(comment.subarray(8));
}

function utf8(bytes) {
  return new TextDecoder().decode(bytes);
}

function latin1(bytes) {
  return new TextDecoder("latin1").decode(bytes);
}
