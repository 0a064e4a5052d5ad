// The manifest in a ZIP of this page's. Of the archive, only its directory and the manifest are read: the pictures
// in it may have hundreds of megabytes.

const MANIFEST = "manifest.json";
const [END, ENTRY] = [0x06054b50, 0x02014b50];
const [END_BYTES, ENTRY_BYTES, LOCAL_BYTES] = [22, 46, 30];
const STORED = 0;
// No directory and no manifest of fifteen files comes near it.
const MOST_BYTES = 4 * 1024 * 1024;

/** The manifest's text; null if the file is no ZIP, or has none that is stored as this page stores it. */
export async function manifestIn(file) {
  const end = await part(file, file.size - END_BYTES, END_BYTES);
  if (end?.getUint32(0, true) !== END) return null;
  const directory = await part(file, end.getUint32(16, true), end.getUint32(12, true));
  for (let at = 0; directory && at + ENTRY_BYTES <= directory.byteLength; ) {
    if (directory.getUint32(at, true) !== ENTRY) return null;
    const [name, extra, comment] = [28, 30, 32].map((offset) => directory.getUint16(at + offset, true));
    if (text(directory, at + ENTRY_BYTES, name) === MANIFEST && directory.getUint16(at + 10, true) === STORED) {
      const [length, start] = [20, 42].map((offset) => directory.getUint32(at + offset, true));
      const head = await part(file, start, LOCAL_BYTES);
      const before = head && LOCAL_BYTES + head.getUint16(26, true) + head.getUint16(28, true);
      const found = head && (await part(file, start + before, length));
      return found && text(found, 0, length);
    }
    at += ENTRY_BYTES + name + extra + comment;
  }
  return null;
}

async function part(file, start, length) {
  if (start < 0 || length > MOST_BYTES || start + length > file.size) return null;
  return new DataView(await file.slice(start, start + length).arrayBuffer());
}

function text(view, start, length) {
  return new TextDecoder().decode(new Uint8Array(view.buffer, start, Math.min(length, view.byteLength - start)));
}
