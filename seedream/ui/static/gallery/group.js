// Alternatives in the gallery: the cards of one press side by side, under one light heading.

import { byPlace, groupFacts } from "../job/group.js";
import { describeAll, promptOf } from "../job/status-text.js";
import { arrange, element, say } from "../lib/elements.js";
import { groupMenu, isOffered } from "./group-menu.js";

/** A group's `root`, `put(cards)` with its cards in order, and `update(members)` for its heading; `cancel(job)` takes one back. */
export function makeGroup(first, cancel) {
  let all = [first];
  const prompt = element("h3", { class: "job-prompt" });
  const facts = element("p", { class: "group-facts" });
  const words = element("p", { class: "group-words" });
  const cards = element("div", { class: "group-cards" });
  const more = groupMenu(first, () => all, cancel);
  const head = element("div", { class: "group-head" }, prompt, facts, words, more.button, more.tray);
  const root = element("section", { class: "job-group", tabindex: "-1" }, head, cards);
  const put = (wished) => arrange(cards, wished);
  const update = (members) => {
    // One that is left alone needs no heading.
    root.classList.toggle("group-of-one", members.length < 2);
    if (!members.length) return;
    all = members;
    // Its room stays.
    const unused = !isOffered(members) && !more.tray.matches(":popover-open");
    const held = document.activeElement === more.button;
    more.button.classList.toggle("group-unused", unused);
    if (unused && held) root.focus({ preventScroll: true });
    say(prompt, promptOf(members[0]));
    say(facts, groupFacts(members).join(" · "));
    say(words, describeAll(members));
  };
  return { root, put, update };
}

/** The jobs of a group among others, in order. */
export function membersOf(group, all) {
  return all.filter((job) => job.group?.id === group.id).sort(byPlace);
}
