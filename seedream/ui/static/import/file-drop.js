// A file with settings, dropped anywhere on the page or chosen by a button, fills the form and starts nothing.

import * as values from "../form/values.js";
import { mount } from "../gradio/form.js";
import { button } from "../lib/buttons.js";
import { element } from "../lib/elements.js";
import { inARow, quoted, t } from "../lib/texts.js";

// What a copy says beside the settings.
const ABOUT = new Set(["model", "request_id", "sample"]);

/**
 * Take files from here on. `fill(request, words)` puts one's settings into the form, `tell(words)` says why it can't;
 * `start(files)` takes dropped pictures that hold none as what a job starts from, and is null where no model does.
 */
export function takeFiles({ fill, tell, start }) {
  const take = async (file, otherwise = null) => {
    const { request, sentences, isPicture } = await taken(file);
    const words = inARow(...sentences);
    if (!request && isPicture && otherwise) {
      otherwise([file]);
      return;
    }
    if (!request) {
      tell(words);
      return;
    }
    // A picture shown large lies over the form.
    document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
    const before = values.now();
    const startFrom = () => {
      fill(before, "");
      otherwise([file]);
    };
    fill(request, words, isPicture && otherwise ? button(t("reference.use_picture"), startFrom) : null);
  };
  acceptDrops((files) => (files.length > 1 && start ? start(files) : take(files[0], start)));
  // Who chooses a file for its settings does not mean the picture.
  mount("share", chooser((file) => take(file)));
}

/** What to put into the form, if anything, and what to say of it. */
async function taken(file) {
  const name = quoted(file.name);
  const reader = await import("./settings-reader.js").catch(() => null);
  if (!reader) return { sentences: [t("error.page_unreachable")] };
  const isPicture = file.type.startsWith("image/");
  const read = await reader.settingsIn(file);
  if (read?.tooLarge) return { sentences: [t("import.too_large", { name })] };
  if (!read) return { sentences: [t("import.no_settings", { name })], isPicture };
  const { found, unfit } = values.fitting(read.settings ?? { ...values.now(), ...read }, "import.unfit");
  if (!read.settings) {
    const said = unfit.length ? unfit : [t("import.filled_prompt", { name })];
    return { request: found, sentences: said, isPicture };
  }
  const unknown = Object.keys(read.settings).filter((each) => !(each in values.now()) && !ABOUT.has(each));
  if (unknown.length) unfit.push(t("import.unknown", { names: quoted(unknown.join(", ")) }));
  return { request: found, sentences: [t("import.filled", { name }), ...unfit], isPicture };
}

function chooser(take) {
  const change = () => {
    if (input.files.length) take(input.files[0]);
    input.value = "";
  };
  const input = element("input", { type: "file", accept: ".png,.jpg,.jpeg,.zip,.json", hidden: true, change });
  const choose = button(t("import.read"), () => input.click(), { title: t("import.read_info"), class: "quiet-link" });
  return element("div", { class: "from-file" }, choose, input);
}

/** Take what is dropped on the page from outside of it; its own pictures may be dragged out and back. */
function acceptDrops(take) {
  const hint = element("div", { class: "drop-hint" }, element("p", {}, t("import.drop")));
  let ownDrag = false;
  const brings = (event) => !ownDrag && event.dataTransfer.types.includes("Files");
  document.addEventListener("dragstart", () => (ownDrag = true));
  document.addEventListener("dragend", () => (ownDrag = false));
  document.addEventListener("dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    if (!hint.isConnected) document.body.append(hint);
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) hint.remove();
  });
  // Before any control of the page sees it: a text field would take the file's name.
  const drop = (event) => {
    hint.remove();
    if (!brings(event)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.dataTransfer.files.length) take([...event.dataTransfer.files]);
  };
  document.addEventListener("drop", drop, { capture: true });
}
