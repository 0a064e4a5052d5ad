// What can be done with the picture that is shown large: its buttons in order of want, the last of them a menu.

import { developerButton } from "../developer/window.js";
import { pictureExports } from "../export/exports.js";
import { current } from "../job/addresses.js";
import { copyLink } from "../job/copy-link.js";
import { isShared } from "../job/shared.js";
import { shapeMenu } from "../job/shape-menu.js";
import { spendButton } from "../job/spend-button.js";
import { promptOf } from "../job/status-text.js";
import { button, copyButton } from "../lib/buttons.js";
import { say } from "../lib/elements.js";
import { dotsMenu } from "../lib/menu.js";
import { paidEach } from "../lib/prices.js";
import { isSeries, withoutSeries } from "../lib/series.js";
import { quoted, t } from "../lib/texts.js";
import { isPresentable, present, presentable } from "./present.js";
import { takeAlong } from "./share-picture.js";
import { originalLink } from "./tiles.js";

/**
 * All that belongs into the row. `send(request, at)` sends one; `change()` starts from this picture, or is null; `compare`
 * and `zoom` are the view's own, each with its button; `said` is where a sentence goes; `presented(place)` hears where a
 * presentation has ended.
 */
export function pictureActions(job, index, { send, change, compare, zoom, said, presented }) {
  const picture = job.pictures[index];
  const still = picture.kind !== "video";
  const { copy, share } = takeAlong(job, index, said);
  const link = copyLink(job, (words) => say(said, words));
  const more = dotsMenu(t("history.more", { prompt: quoted(promptOf(job)) }), [
    job.request && copyButton(t("after.copy_prompt"), () => job.request.prompt),
    ...(share ? link : []),
    copyButton(t("view.copy_link"), () => picture.url),
    ...pictureExports(job, index, said),
    !isShared(job) && developerButton(() => current(job)),
  ]);
  const presents = () => presentFrom(current(job), index, presented);
  return [
    originalLink(job, picture, index, said),
    change && still && button(t("after.change"), change),
    ...oneMore(job, send),
    copy,
    ...(share ? [share] : link),
    isPresentable(picture) && button(t("present.start"), presents, { class: "view-present" }),
    compare.button,
    still && zoom.button,
    more.button,
    more.tray,
  ].filter(Boolean);
}

/** What makes a picture like this one: alone, also where this one is of a series. */
function oneMore({ request, record }, send) {
  if (!request) return [];
  const [key, one] = isSeries(request) ? ["after.another_like", withoutSeries(request)] : ["after.another", request];
  return [spendButton(t(key), one, send, { paid: paidEach(record) }), ...shapeMenu(one, record, send)];
}

/** Of all pictures, those of this one's job: a series is what is presented. */
function presentFrom(job, shown, ended) {
  const slides = presentable(job);
  present(slides, { first: slides.findIndex(({ index }) => index === shown), ended });
}
