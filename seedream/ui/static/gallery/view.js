// One picture, large, over the whole window; its neighbours are a key, a press or a swipe away.

import { current } from "../job/addresses.js";
import { factsOfPicture } from "../job/facts.js";
import { knownPrompt } from "../job/shared.js";
import { saidPlace } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { number, sentence, t } from "../lib/texts.js";
import { makeCompare } from "./compare.js";
import { pictureActions } from "./picture-actions.js";
import { makeSentLine } from "./sent-line.js";
import { makeStrip } from "./strip.js";
import { keepThumbnail, listen as onThumbnails } from "./thumbnails.js";
import { aboutText, altText } from "./tiles.js";
import { followSwipes, makeZoom } from "./zoom-and-swipe.js";

// Who leafs through pictures passes by faster: those that are only passed are not asked for.
const LEAFING_MILLISECONDS = 200;

/**
 * The page's large view: its `root`, `open(place, from)`, and `update(job)` for each change. A place is `{ job, index }`;
 * `from` tells the `places()` to go through, and what to do at the end, `leave(place)`. As jobs may not be on the page
 * yet, it has `bring(place)`, which puts one there and returns it, and `thumbnail(place)` to show meanwhile.
 * `change(job, index)` starts from a picture, or is null where no model does; `press(request, { at, tell, made })` sends one.
 */
export function makeView({ change, press }) {
  let from = null;
  let here = null;
  let places = [];
  let renewal = 0;
  let waiting = false;
  let bringing = 0;
  const place = element("p", { class: "view-place", role: "status" });
  const close = round("close", "view.close", () => root.close());
  const before = round("before", "view.before", () => show(beside(-1)));
  const after = round("after", "view.after", () => show(beside(1)));
  const frame = element("div", { class: "view-frame" });
  const prompt = element("p", { class: "view-prompt", tabindex: "0" });
  const about = element("p", { class: "view-about" });
  const said = saidPlace();
  const actions = element("div", { class: "view-actions" });
  const compare = makeCompare(frame);
  const strip = makeStrip((wished) => show(wished, 0));
  const sent = makeSentLine({
    press,
    show(wished) {
      show(wished, 0);
      prompt.focus();
    },
  });
  const root = element(
    "dialog",
    // The picture is the brightest thing here, in either scheme.
    { class: "view dark", "aria-label": t("view.title") },
    element("div", { class: "view-top" }, place, prompt, close),
    strip.root,
    before,
    frame,
    sent.root,
    after,
    element("div", { class: "view-foot" }, element("div", { class: "view-facts" }, about, said), compare.slider, actions),
  );
  const zoom = makeZoom(frame);
  followSwipes(frame, { step: (by) => show(beside(by)), allowed: () => !zoom.on() && places.length > 1 });
  root.addEventListener("keydown", (event) => {
    if (event.target.matches("video, input") || zoom.on() || event.altKey || event.ctrlKey || event.metaKey) return;
    const wished = { ArrowLeft: beside(-1), ArrowRight: beside(1), Home: places[0], End: places.at(-1) }[event.key];
    if (wished === undefined) return;
    event.preventDefault();
    show(wished);
  });
  frame.addEventListener("click", (event) => {
    if (event.target === frame && !zoom.on()) root.close();
  });
  root.addEventListener("close", () => {
    frame.replaceChildren();
    clearTimeout(bringing);
    cancelAnimationFrame(renewal);
    sent.end();
    // Where the eye was last is where the visitor goes on.
    from.leave(here);
  });

  function at() {
    return places.findIndex(({ job, index }) => job.key === here.job.key && index === here.index);
  }

  function beside(by) {
    return places[at() + by];
  }

  /** Have the places as they are by now, once, however many jobs have changed. */
  function renew() {
    cancelAnimationFrame(renewal);
    renewal = requestAnimationFrame(() => {
      places = from.places();
      mark();
    });
  }

  onThumbnails(() => root.open && renew());

  /** Show the picture at a place, if there is one: at once, or its small copy until it has come. */
  function show(wished, pause = LEAFING_MILLISECONDS) {
    if (!wished) return;
    here = { ...wished, job: current(wished.job) };
    sent.turned();
    clearTimeout(bringing);
    if (!here.job.pictures) bringing = setTimeout(bring, pause);
    draw();
  }

  /** Have the job of this place on the page. One that is there already may have all that it will ever have. */
  function bring() {
    here.job = from.bring(here);
    draw();
  }

  function draw() {
    const { job, index } = here;
    const picture = job.pictures?.[index];
    say(prompt, knownPrompt(job));
    say(said, "");
    const error = picture?.error ?? job.record.error;
    waiting = !picture || Boolean(error);
    if (waiting) drawWaiting(job, index, error);
    else drawPicture(job, index, picture);
    mark();
  }

  function drawWaiting(job, index, error) {
    // Of what the API has dropped, the record tells nothing any more.
    const count = places.filter((each) => each.job.key === job.key).length;
    const alt = altText(job, index, count);
    showSmall(frame, from.thumbnail(here), alt);
    compare.show({});
    say(about, error ? sentence(error, job.record.request_id, job.own) : t("state.collecting"));
    actions.replaceChildren();
  }

  function drawPicture(job, index, picture) {
    const alt = altText(job, index, job.record.outputs.length);
    zoom.show(picture, alt, (image) => keepThumbnail(job.key, index, image, picture.url));
    compare.show(job);
    say(about, [aboutText(picture), megabytes(picture), ...factsOfPicture(job)].join(" · "));
    const starts = change && (() => leaveFor(change));
    const does = { send: sent.send, change: starts, compare, zoom, said, presented };
    actions.replaceChildren(...pictureActions(job, index, does));
  }

  function presented(last) {
    show(last);
    actions.querySelector(".view-present").focus();
  }

  /** The focus goes back to the tile first: what is left for has the last word on it. */
  function leaveFor(what) {
    const { job, index } = here;
    root.addEventListener("close", () => what(job, index), { once: true });
    root.close();
  }

  function mark() {
    const count = places.length;
    say(place, count > 1 ? t("view.place", { number: at() + 1, count }) : "");
    for (const [step, by] of [[before, -1], [after, 1]]) {
      step.hidden = count < 2;
      // Not `disabled`: at the last picture, that would take the focus away.
      step.setAttribute("aria-disabled", String(beside(by) === undefined));
    }
    strip.show(places, at());
  }

  return {
    root,
    open(wished, source) {
      from = source;
      places = from.places();
      root.showModal();
      show(wished, 0);
      close.focus();
    },
    update(job) {
      if (!root.open) return;
      renew();
      sent.update(job);
      if (job.key !== here.job.key) return;
      here.job = job;
      if (waiting) draw();
    },
  };
}

/** Show a picture's small copy in the frame, if there is one. */
export function showSmall(frame, small, alt) {
  const image = small?.url && element("img", { class: "view-picture", src: small.url, alt, style: `--ratio: ${small.ratio}` });
  frame.replaceChildren(...[image].filter(Boolean));
}

/** One of the round buttons of what fills the window. */
export function round(kind, key, click) {
  return element("button", { type: "button", class: `view-button view-${kind}`, "aria-label": t(key), title: t(key), click });
}

function megabytes({ bytes }) {
  return number(bytes / 1e6, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 });
}
