// A text in a PNG that the browser has made: a chunk behind its header, where programs look for it.

const HEADER_BYTES = 33;
const POLYNOMIAL = 0xedb88320;

/** The PNG `file` with a text under a `keyword`, in UTF-8. */
export function withText(file, keyword, text) {
  // Not compressed, and in no language.
  const content = new TextEncoder().encode(`iTXt${keyword}${"\0".repeat(5)}${text}`);
  const length = content.length - "iTXt".length;
  return new Blob([file.slice(0, HEADER_BYTES), uint32(length), content, uint32(crc(content)), file.slice(HEADER_BYTES)], { type: file.type });
}

function uint32(value) {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, value);
  return bytes;
}

/** The check value that ends each chunk. */
function crc(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? POLYNOMIAL : 0);
  }
  return ~value >>> 0;
}
