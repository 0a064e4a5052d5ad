// Small copies of the pictures that have come, kept in this browser: what was made is there at once when the page opens,
// costs the server nothing, and stays when RunComfy has dropped the file.

import { isStarred } from "../job/stars.js";
import { kept } from "../lib/blobs.js";

// A copy has some 30 kB.
const LONGEST_SIDE = 480;
const [TYPE, QUALITY] = ["image/webp", 0.8];
const files = kept({
  database: "seedream.thumbnails",
  store: "thumbnails",
  mostBytes: 24 * 1024 * 1024,
  spared: (id) => isStarred(keyOf(id)),
});
const here = new Map();
const listeners = new Set();

/** Hear of it whenever there is one more copy. */
export function listen(listener) {
  listeners.add(listener);
}

/** Wait for what was kept. Of jobs that are not `known(key)` any more, nothing is. */
export async function arrive(known) {
  for (const entry of await files.all()) {
    if (known(keyOf(entry.id))) here.set(entry.id, { url: URL.createObjectURL(entry.blob), ratio: entry.ratio });
    else files.drop(entry.id);
  }
}

/** The copy of a job's picture: its `url` and `ratio`; undefined where there is none. */
export function thumbnail(key, index) {
  return here.get(`${key}/${index}`);
}

/** Keep nothing of a job's pictures any more. */
export function drop(key) {
  for (const id of [...here.keys()].filter((each) => keyOf(each) === key)) {
    here.delete(id);
    files.drop(id);
  }
}

/** Keep a copy of a picture that is on the page as this image. */
export async function keepThumbnail(key, index, image) {
  const id = `${key}/${index}`;
  if (here.has(id)) return;
  const { naturalWidth: width, naturalHeight: height } = image;
  const ratio = width / height;
  // The address may come late, the room that it takes is known by now.
  here.set(id, { url: "", ratio });
  const blob = await small(image, Math.min(1, LONGEST_SIDE / Math.max(width, height)));
  if (!blob) {
    here.delete(id);
    return;
  }
  here.set(id, { url: URL.createObjectURL(blob), ratio });
  listeners.forEach((listener) => listener());
  files.keep({ id, blob, ratio });
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
