// One job among all pictures: its small copies in their own shape, and what can be done with it.

import { forPictures } from "../gallery/group-menu.js";
import { thumbnail } from "../gallery/thumbnails.js";
import { factsOfJob } from "../job/facts.js";
import { placeOf, placesOf } from "../job/group.js";
import { promptOf } from "../job/status-text.js";
import { spendButton } from "../job/spend-button.js";
import { isStarred, toggleStar } from "../job/stars.js";
import { fitting } from "../job/way-on.js";
import { button, closeButton, saidPlace } from "../lib/buttons.js";
import { element } from "../lib/elements.js";
import { dotsMenu } from "../lib/menu.js";
import { sizeAsked, USUAL_RATIO } from "../lib/shapes.js";
import { quoted, t } from "../lib/texts.js";

/**
 * Make the row of a remembered job. `open(job, index)` shows a picture large, `show(job)` all of the job, `use(request)`
 * fills the form, `press(request)` sends one, `forget(job)` takes it out of the list, `starred()` hears of each star, `select(job)` selects
 * its pictures, and `selected(place)` tells whether one is.
 */
export function makeRow(job, does) {
  const { record } = job;
  const drawn = placesOf(job).length > 0;
  const kind = drawn ? (record.outputs.length > 1 ? "series" : "single") : "none";
  const pictures = drawn && record.outputs.map((output, index) => picture(job, index, does));
  const name = t("history.more", { prompt: quoted(promptOf(job)) });
  const starred = drawn || !record.ended ? star(job, does) : null;
  const more = dotsMenu(name, () => actions(job, does, starred));
  const line = element(
    "div",
    { class: "history-line" },
    element("p", { class: "history-prompt" }, promptOf(job)),
    element("p", { class: "history-note" }, factsOfJob(job).join(" · ")),
    ...(starred ? [starred] : notMade(job, does)),
    more.button,
    more.tray,
  );
  const single = kind === "single" && `--ratio: ${ratioOf(job, 0)}`;
  const attributes = { class: "history-row", "data-kind": kind, "data-key": job.key, style: single };
  const shown = pictures && element("div", { class: "history-pictures" }, ...pictures);
  return element("li", attributes, ...(kind === "series" ? [line, shown] : [shown, line]));
}

/** What decides how a row looks: as long as it is the same, the row stays. */
export function rowState(job) {
  const { status, error, request_id: requestId, cost_usd: cost, outputs } = job.record;
  const copies = outputs.map((_, index) => Boolean(thumbnail(job.key, index)?.blob));
  return JSON.stringify([status, error?.code, requestId, cost, job.request, copies, isStarred(job.key)]);
}

function picture(job, index, { open, selected }) {
  const { number, count } = placeOf(job, index, job.record.outputs.length);
  const words = quoted(promptOf(job));
  const name = count > 1 ? t("history.picture_of", { words, number, count }) : words;
  return element(
    "div",
    { class: "history-place", "data-place": placeName({ job, index }), style: `--ratio: ${ratioOf(job, index)}` },
    element(
      "button",
      {
        type: "button",
        class: "history-picture",
        "data-index": index,
        "aria-label": `${t("view.open")} ${name}`,
        click: () => open(job, index),
      },
      smallCopy(job, index),
    ),
    element("button", {
      type: "button",
      class: "history-check",
      role: "checkbox",
      "aria-checked": String(selected({ job, index })),
      "aria-label": t("selection.select", { name }),
      title: t("history.select"),
    }),
  );
}

/** A picture's small copy, or where there is none its prompt. */
function smallCopy(job, index) {
  const small = thumbnail(job.key, index);
  const blank = element("span", { class: "history-blank" }, quoted(promptOf(job)));
  // What was kept may have lost its bytes.
  const lost = ({ target }) => target.replaceWith(blank);
  return small?.url ? element("img", { src: small.url, alt: "", decoding: "async", draggable: "false", error: lost }) : blank;
}

/** Put the small copies that have come into a row that stays otherwise. */
export function showCopies(root, job) {
  for (const blank of root.querySelectorAll(".history-blank")) {
    blank.replaceWith(smallCopy(job, Number(blank.parentElement.dataset.index)));
  }
}

/** What the picture at a place goes by among all of them. */
export function placeName({ job, index }) {
  return `${job.key}/${index}`;
}

function ratioOf({ key, request }, index) {
  return thumbnail(key, index)?.ratio ?? sizeAsked(request)?.ratio ?? USUAL_RATIO;
}

function star(job, { starred }) {
  const name = t("history.star", { prompt: quoted(promptOf(job)) });
  const press = () => {
    made.setAttribute("aria-pressed", String(toggleStar(job.key)));
    starred();
  };
  const made = element("button", {
    type: "button",
    class: "history-star",
    "aria-label": name,
    title: name,
    "aria-pressed": String(isStarred(job.key)),
    click: press,
  });
  return made;
}

/** What was not made: the one thing to do about it, and how it goes. */
function notMade(job, { press, use, show, forget }) {
  const ways = {
    again: () => spendButton(t("tile.again"), job.request, press),
    edit: () => button(t("form.edit_prompt"), () => use(job.request)),
  };
  const shows = () => button(t("history.open"), () => show(job));
  const prompt = quoted(promptOf(job));
  const name = t("history.dismiss", { prompt });
  return [(ways[fitting(job)] ?? shows)(), closeButton(name, () => forget(job))];
}

function actions(job, { show, use, select, forget }, starred) {
  const said = saidPlace();
  const places = placesOf(job);
  return [
    places.length > 0 && button(t("history.select"), () => select(job)),
    job.record.request_id && button(t("history.open"), () => show(job)),
    job.request && button(t("history.use"), () => use(job.request)),
    starred && button(t(isStarred(job.key) ? "history.star_off" : "history.star_on"), () => starred.click()),
    ...forPictures(places, said),
    button(t("history.forget"), () => forget(job)),
    said,
  ].filter(Boolean);
}
