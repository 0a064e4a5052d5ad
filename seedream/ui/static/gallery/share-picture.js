// A picture, taken along: into the clipboard, to paste it into slides, or through the device's own sheet.

import { fileName } from "../export/exports.js";
import { promptOf } from "../job/status-text.js";
import { answered } from "../job/addresses.js";
import { Refusal, workButton } from "../lib/buttons.js";
import { t } from "../lib/texts.js";

// What every clipboard takes.
const PASTED = "image/png";

/** A picture's buttons for that, `copy` and `share`, each null where this browser can't; `said`: where their sentences go. */
export function takeAlong(job, index, said) {
  const picture = job.pictures[index];
  if (picture.kind === "video") return { copy: null, share: null };
  const name = fileName(job, picture, index);
  return {
    copy: canCopy() ? workButton(said, "view.copy_image", copy) : null,
    share: canShare(name) ? workButton(said, "view.share", share) : null,
  };

  async function copy() {
    // Some browsers let a page write only while it is being pressed: it is handed over before it is here.
    const png = original(job, index).then(asPng);
    await navigator.clipboard.write([new ClipboardItem({ [PASTED]: png })]);
    return t("job.copied");
  }

  async function share() {
    const blob = await original(job, index);
    const files = [new File([blob], name, { type: blob.type })];
    await navigator.share({ files, title: promptOf(job) }).catch((error) => {
      // The visitor has thought better of it.
      if (error.name !== "AbortError") throw error;
    });
  }
}

function canCopy() {
  return Boolean(globalThis.ClipboardItem && navigator.clipboard?.write);
}

function canShare(name) {
  return Boolean(navigator.canShare?.({ files: [new File([], name, { type: PASTED })] }));
}

async function original(job, index) {
  const answer = await answered(job, ({ pictures }) => pictures[index]?.original);
  if (!answer?.ok) throw new Refusal(t("export.not_fetched"));
  return answer.blob();
}

async function asPng(blob) {
  if (blob.type === PASTED) return blob;
  const bitmap = await createImageBitmap(blob);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, PASTED));
}
