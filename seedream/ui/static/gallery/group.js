// Alternatives in the gallery: the cards of one press side by side, under one light heading.

import { byPlace, groupFacts } from "../job/group.js";
import { promptOf } from "../job/status-text.js";
import { arrange, element, say } from "../lib/elements.js";

/** A group's `root`, `put(cards)` with its cards in order, and `update(members)` for its heading. */
export function makeGroup() {
  const prompt = element("h3", { class: "job-prompt" });
  const facts = element("p", { class: "group-facts" });
  const cards = element("div", { class: "group-cards" });
  const root = element("section", { class: "job-group" }, element("div", { class: "group-head" }, prompt, facts), cards);
  const put = (wished) => arrange(cards, wished);
  const update = (members) => {
    // One that is left alone needs no heading.
    root.classList.toggle("group-of-one", members.length < 2);
    if (!members.length) return;
    say(prompt, promptOf(members[0]));
    say(facts, groupFacts(members).join(" · "));
  };
  return { root, put, update };
}

/** The jobs of a group among others, in order. */
export function membersOf(group, all) {
  return all.filter((job) => job.group?.id === group.id).sort(byPlace);
}
