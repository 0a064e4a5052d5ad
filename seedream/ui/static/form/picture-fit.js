// Makes a picture fit to go in: upright, without what its camera wrote into it, no larger than may be sent. It runs in a
// worker; where a browser can't draw in one, on the page.

const QUALITIES = [0.92, 0.85, 0.75];
const SMALLER = 0.8;
// A drawing or a screenshot of this size stays what it is.
const SMALL_PNG_BYTES = 1024 * 1024;
const PROBE = 64;
// Twice as many as the form's pictures have on the screen.
const SMALL_SIDE = 224;

/**
 * Fit a file within `limits` (`settings.edit`): `{ blob, small, width, height, smaller }`, or `{ code, facts }` of why it
 * can't. `small` is what the form shows: to draw twelve megapixels at the size of a stamp holds up who types.
 */
export async function fit(file, limits) {
  const image = file.size ? await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null) : null;
  if (!image) return { code: "reference_not_a_picture" };
  const { width, height } = image;
  const ratio = width / height;
  if (Math.min(width, height) < limits.shortest_side) return { code: "reference_small", facts: { shortest: limits.shortest_side } };
  if (ratio < limits.narrowest || ratio > limits.widest) {
    return { code: "reference_shape", facts: { widest: Math.round(limits.widest) } };
  }
  const mostBytes = Math.floor((limits.most_characters - 100) / 4) * 3;
  const png = file.type === "image/png" && (file.size <= SMALL_PNG_BYTES || seeThrough(image));
  const least = Math.min(1, SMALL_SIDE / Math.min(width, height));
  const small = await encoded(drawn(image, width * least, height * least), png ? "image/png" : "image/jpeg");
  let scale = Math.min(1, Math.sqrt(limits.most_pixels / (width * height)));
  for (;;) {
    const canvas = drawn(image, width * scale, height * scale);
    for (const quality of png ? [undefined] : QUALITIES) {
      const blob = await encoded(canvas, png ? "image/png" : "image/jpeg", quality);
      if (blob.size <= mostBytes) return { blob, small, width: canvas.width, height: canvas.height, smaller: scale < 1 };
    }
    scale *= SMALLER;
  }
}

function seeThrough(image) {
  const { data } = drawn(image, PROBE, PROBE).getContext("2d").getImageData(0, 0, PROBE, PROBE);
  return data.some((value, at) => at % 4 === 3 && value < 255);
}

function drawn(image, width, height) {
  const canvas = blank(Math.round(width), Math.round(height));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function blank(width, height) {
  if (typeof OffscreenCanvas !== "undefined") return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement("canvas"), { width, height });
}

function encoded(canvas, type, quality) {
  if (canvas.convertToBlob) return canvas.convertToBlob({ type, quality });
  return new Promise((resolve) => canvas.toBlob(resolve, type, quality));
}
