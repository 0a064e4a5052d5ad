// One picture, large, over the whole window; its neighbours are a key, a press or a swipe away.

import { pictureExports } from "../export/exports.js";
import { button, copyButton, saidPlace } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { number, t } from "../lib/texts.js";
import { makeCompare } from "./compare.js";
import { aboutText, altText, originalLink } from "./tiles.js";
import { followSwipes, makeZoom } from "./zoom-and-swipe.js";

/**
 * The page's large view: its `root`, `open(job, index, tiles)`, and `update(job)` for each change. `change(job, index)`
 * starts from a picture; null where no model does.
 */
export function makeView(change) {
  let job = null;
  let tiles = null;
  let index = 0;
  const place = element("p", { class: "view-place", role: "status" });
  const close = round("close", "view.close", () => root.close());
  const before = round("before", "view.before", () => show(beside(-1)));
  const after = round("after", "view.after", () => show(beside(1)));
  const frame = element("div", { class: "view-frame" });
  const about = element("p", { class: "view-about" });
  const actions = element("div", { class: "view-actions" });
  const compare = makeCompare(frame);
  const root = element(
    "dialog",
    // The picture is the brightest thing here, in either scheme.
    { class: "view dark", "aria-label": t("view.title") },
    element("div", { class: "view-top" }, place, close),
    before,
    frame,
    after,
    element("div", { class: "view-foot" }, about, compare.slider, actions),
  );
  const zoom = makeZoom(frame);
  followSwipes(frame, { step: (by) => show(beside(by)), allowed: () => !zoom.on() && shown().length > 1 });
  root.addEventListener("keydown", (event) => {
    if (event.target.matches("video, input") || zoom.on() || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = shown();
    const wished = { ArrowLeft: beside(-1), ArrowRight: beside(1), Home: all[0], End: all.at(-1) }[event.key];
    if (wished === undefined) return;
    event.preventDefault();
    show(wished);
  });
  frame.addEventListener("click", (event) => {
    if (event.target === frame && !zoom.on()) root.close();
  });
  root.addEventListener("close", () => {
    frame.replaceChildren();
    // Where the eye was last is where the visitor goes on.
    tiles.children[index]?.querySelector("button, video")?.focus();
  });

  function shown() {
    return [...job.pictures.keys()].filter((each) => job.pictures[each] && !job.pictures[each].error);
  }

  function beside(by) {
    const all = shown();
    return all[all.indexOf(index) + by];
  }

  /** Show a picture by its index, if there is one. */
  function show(wished) {
    if (wished === undefined) return;
    index = wished;
    const picture = job.pictures[index];
    const said = saidPlace();
    zoom.show(picture, altText(job, index, job.record.outputs.length));
    compare.show(job);
    say(about, [aboutText(picture), megabytes(picture)].join(" · "));
    actions.replaceChildren(
      ...[
        originalLink(job, picture, index, said),
        change && picture.kind !== "video" && button(t("after.change"), () => leaveFor(change)),
        compare.button,
        picture.kind !== "video" && zoom.button,
        job.request && copyButton(t("after.copy_prompt"), () => job.request.prompt),
        copyButton(t("view.copy_link"), () => picture.url),
        ...pictureExports(job, index, said),
        said,
      ].filter(Boolean),
    );
    mark();
  }

  /** The focus goes back to the tile first: what is left for has the last word on it. */
  function leaveFor(what) {
    root.addEventListener("close", () => what(job, index), { once: true });
    root.close();
  }

  function mark() {
    const count = job.record.outputs.length;
    say(place, count > 1 ? t("view.place", { number: index + 1, count }) : "");
    for (const [step, by] of [[before, -1], [after, 1]]) {
      step.hidden = count < 2;
      // Not `disabled`: at the last picture, that would take the focus away.
      step.setAttribute("aria-disabled", String(beside(by) === undefined));
    }
  }

  return {
    root,
    open(of, wished, from) {
      job = of;
      tiles = from;
      root.showModal();
      show(wished);
      close.focus();
    },
    update(now) {
      if (root.open && now === job && job.pictures[index]) mark();
    },
  };
}

function round(kind, key, click) {
  return element("button", { type: "button", class: `view-button view-${kind}`, "aria-label": t(key), click });
}

function megabytes({ bytes }) {
  return number(bytes / 1e6, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 });
}
