// Small copies of the pictures that have come, kept in this browser: what was made is there at once when the page opens,
// costs the server nothing, and stays when RunComfy has dropped the file.

import { isStarred } from "../job/stars.js";
import { kept } from "../lib/blobs.js";
import { COPIES, copyId } from "../shell/kept.js";
import { shellCopies } from "../shell/shell.js";

// A copy has some 30 kB.
const LONGEST_SIDE = 480;
const [TYPE, QUALITY] = ["image/webp", 0.8];
const MOST_MILLISECONDS = 1000;
const files = kept({
  ...COPIES,
  mostBytes: 24 * 1024 * 1024,
  spared: (id) => isStarred(keyOf(id)),
});
// Read while the page is still on its way.
const before = files.all();
const here = new Map();
const listeners = new Set();

/** Hear of it whenever there is one more copy. */
export function listen(listener) {
  listeners.add(listener);
}

/** Wait for the copies to be read, but not for a browser that never says. */
export function thumbnailsRead() {
  return Promise.race([before, new Promise((resolve) => setTimeout(resolve, MOST_MILLISECONDS))]);
}

/** Wait for what was kept. Of jobs that are not `known(key)` any more, nothing is, nor what is no file of a picture. */
export async function arrive(known) {
  // By the same address, what the shell shows need not be decoded anew.
  const painted = shellCopies();
  for (const entry of await before) {
    const isFile = entry.blob instanceof Blob && entry.ratio > 0;
    if (isFile && known(keyOf(entry.id))) here.set(entry.id, shown(entry, painted.get(entry.id)));
    else files.drop(entry.id);
  }
  for (const [id, url] of painted) if (!here.has(id)) URL.revokeObjectURL(url);
}

/** An entry with its `url`, which costs some time: only what is looked at gets one, where it has none. */
function shown(entry, url = null) {
  return {
    ...entry,
    get url() {
      return (url ??= URL.createObjectURL(entry.blob));
    },
  };
}

/** The copy of a job's picture: its `url` and `ratio`, and `source`, where the file was; undefined where there is none. */
export function thumbnail(key, index) {
  return here.get(copyId(key, index));
}

/** The same, once all that was kept is read. */
export async function thumbnailRead(key, index) {
  await before;
  return thumbnail(key, index);
}

/** Keep nothing of a job's pictures any more; return what was kept, which `restore` takes. */
export function drop(key) {
  const dropped = [...here.values()].filter(({ id }) => keyOf(id) === key);
  for (const { id } of dropped) {
    here.delete(id);
    files.drop(id);
  }
  return dropped.filter(({ blob }) => blob);
}

/** Keep again what was dropped. */
export function restore(copies) {
  for (const copy of copies) here.set(copy.id, copy);
  files.keep(...copies.map(({ id, blob, ratio, source }) => ({ id, blob, ratio, source })));
}

/** Keep a copy of a picture that is on the page as this image; `source`: where the file is. */
export async function keepThumbnail(key, index, image, source) {
  const id = copyId(key, index);
  if (here.has(id)) return;
  const { naturalWidth: width, naturalHeight: height } = image;
  const ratio = width / height;
  // The address may come late, the room that it takes is known by now.
  here.set(id, { id, url: "", ratio });
  const blob = await small(image, Math.min(1, LONGEST_SIDE / Math.max(width, height)));
  if (!blob) {
    here.delete(id);
    return;
  }
  const entry = { id, blob, ratio, source };
  here.set(id, shown(entry));
  listeners.forEach((listener) => listener());
  files.keep(entry);
}

/** Of what job a picture is. */
function keyOf(id) {
  return id.split("/")[0];
}

function small(image, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, TYPE, QUALITY));
}
