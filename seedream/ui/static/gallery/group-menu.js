// What can be done with a whole group, from its heading: alternatives, a series, or a picture and what was changed from it.

import { zipOfSeveral } from "../export/several.js";
import { takeLargeAway } from "../job/brought.js";
import { placesOf } from "../job/group.js";
import { isCancellable, promptOf } from "../job/status-text.js";
import { bring } from "../job/take-up.js";
import { button, saidPlace, workButton } from "../lib/buttons.js";
import { say } from "../lib/elements.js";
import { dotsMenu } from "../lib/menu.js";
import { quoted, t } from "../lib/texts.js";
import { present } from "./present.js";

/**
 * The menu of a group's heading, which is what its `first` job is called: for the jobs that `members()` gives, in order.
 * `cancel(job)` takes one back, or says why not.
 */
export function groupMenu(first, members, cancel) {
  return dotsMenu(t("group.more", { prompt: quoted(promptOf(first)) }), () => {
    const said = saidPlace();
    return [...forAll(members(), cancel, said), said];
  });
}

/** Whether there is something to be done with all of them. */
export function isOffered(members) {
  return cancellable(members).length > 0 || members.flatMap(placesOf).length > 1;
}

function forAll(members, cancel, said) {
  const takeBack = async () => {
    const told = (await Promise.all(cancellable(members).map(cancel))).filter(Boolean);
    return told.length ? t("group.go_on", { count: told.length, all: members.length, reason: told[0] }) : "";
  };
  const isCancelOffered = cancellable(members).length > 0;
  return [isCancelOffered && workButton(said, "group.cancel", takeBack), ...forPictures(members.flatMap(placesOf), said)];
}

/** What can be done with several pictures at once, at these places, `{ job, index }`; `said` is where a sentence goes. */
export function forPictures(places, said) {
  if (places.length < 2) return [];
  return [
    workButton(said, "selection.zip", () => zipOfSeveral(places, (words) => say(said, words))),
    button(t("present.start"), () => present(places, { bring, ended: takeLargeAway })),
  ];
}

function cancellable(members) {
  return members.filter(({ record }) => isCancellable(record));
}
