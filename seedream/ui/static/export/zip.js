// Originals as one ZIP. A form asks for it, so that the browser streams the answer to disk by itself; the
// answer goes to a frame that nobody sees: what fails is no file, and would otherwise stand in the page's place.

import { answered } from "../job/addresses.js";
import { element } from "../lib/elements.js";

let asked = 0;

/** Save what `form()` asks for of some jobs, with new addresses if those that it names hold no longer; or `failed()`. */
export function saveZip(jobs, form, failed) {
  const address = ({ pictures }) => pictures.find((picture) => picture?.signed)?.original;
  ask(form(), async () => {
    const answers = await Promise.all(jobs.map((job) => answered(job, address, { method: "HEAD" })));
    if (answers.every((answer) => answer?.ok)) ask(form(), failed);
    else failed();
  });
}

function ask(job, failed) {
  asked += 1;
  const target = `zip-${asked}`;
  const frame = element("iframe", { name: target, hidden: true });
  const field = element("input", { type: "hidden", name: "job", value: JSON.stringify(job) });
  const form = element("form", { method: "post", action: "atelier/archive", target, hidden: true }, field);
  document.body.append(frame, form);
  // A file that is saved is never loaded into the frame; the empty page that it begins with is.
  frame.addEventListener("load", () => {
    if (frame.contentDocument?.URL === "about:blank") return;
    frame.remove();
    failed();
  });
  form.submit();
  form.remove();
}
