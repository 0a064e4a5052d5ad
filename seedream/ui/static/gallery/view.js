// One picture, large, over the whole window; its neighbours are a key, a press or a swipe away.

import { plainCopyButton } from "../lib/copy-button.js";
import { element, say } from "../lib/elements.js";
import { pictureKeepsakes } from "../export/exports.js";
import { language, t } from "../lib/texts.js";
import { altText, aboutText, originalLink } from "./tiles.js";
import { followSwipes, makeZoom } from "./zoom-and-swipe.js";

/** The page's large view: its `root`, `open(job, index, tiles)`, and `update(job)` for each change. */
export function makeView() {
  let job = null;
  let tiles = null;
  let index = 0;
  const place = element("p", { class: "view-place", role: "status" });
  const close = round("close", "view.close", () => root.close());
  const before = round("before", "view.before", () => step(-1));
  const after = round("after", "view.after", () => step(1));
  const stage = element("div", { class: "view-stage" });
  const about = element("p", { class: "view-about" });
  const actions = element("div", { class: "view-actions" });
  const root = element(
    "dialog",
    // The picture is the brightest thing here, in either scheme.
    { class: "view dark", "aria-label": t("view.title") },
    element("div", { class: "view-top" }, place, close),
    before,
    stage,
    after,
    element("div", { class: "view-foot" }, about, actions),
  );
  const zoom = makeZoom(stage);
  followSwipes(stage, { step: (by) => step(by), allowed: () => !zoom.on() && shown().length > 1 });
  root.addEventListener("keydown", (event) => {
    if (event.target.matches("video, input") || zoom.on() || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = shown();
    const wished = { ArrowLeft: beside(-1), ArrowRight: beside(1), Home: all[0], End: all.at(-1) }[event.key];
    if (wished === undefined) return;
    event.preventDefault();
    show(wished);
  });
  stage.addEventListener("click", (event) => {
    if (event.target === stage && !zoom.on()) root.close();
  });
  root.addEventListener("close", () => {
    stage.replaceChildren();
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

  function step(by) {
    const wished = beside(by);
    if (wished !== undefined) show(wished);
  }

  function show(wished) {
    index = wished;
    const picture = job.pictures[index];
    const alt = altText(job, index, job.record.outputs.length);
    const original = originalLink(job, picture, index);
    original.classList.add("view-original");
    zoom.show(picture, alt);
    say(about, [aboutText(picture), megabytes(picture)].join(" · "));
    actions.replaceChildren(
      ...[
        original,
        picture.kind === "video" ? null : zoom.button,
        job.request ? plainCopyButton(t("after.copy_prompt"), () => job.request.prompt) : null,
        plainCopyButton(t("view.copy_link"), () => picture.url),
        ...pictureKeepsakes(job, index),
      ].filter(Boolean),
    );
    mark();
  }

  function mark() {
    const count = job.record.outputs.length;
    say(place, count > 1 ? t("view.place", { number: index + 1, count }) : "");
    for (const [button, by] of [[before, -1], [after, 1]]) {
      button.hidden = count < 2;
      // Not `disabled`: at the last picture, that would take the focus away.
      button.setAttribute("aria-disabled", String(beside(by) === undefined));
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

function round(kind, key, press) {
  return element("button", { type: "button", class: `view-button view-${kind}`, "aria-label": t(key), click: press });
}

function megabytes({ bytes }) {
  const format = { style: "unit", unit: "megabyte", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language, format).format(bytes / 1e6);
}
