// What can be done with the selected pictures.

import { listText, zipOfSeveral } from "../export/several.js";
import { openPair } from "../gallery/pair.js";
import { present } from "../gallery/present.js";
import { isStarred, toggleStar } from "../job/stars.js";
import { bring } from "../job/take-up.js";
import { button, closeButton, copyButton, saidPlace, workButton } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { inARow, t } from "../lib/texts.js";

// As many as stand side by side.
const PAIR = 2;

/**
 * What shows in the `tray` how many pictures are selected, by `update()`. `selection` is which, `forget(jobs, words)` takes
 * jobs out of the list, and `leave()` hears that pictures without cards are of no more use. What of one picture is in its
 * row's menu is here where nothing hovers: `use(request)`, `show(job)`, and a star, of which `starred()` hears.
 */
export function makeSelectionBar(tray, selection, { forget, leave, ...does }) {
  const count = element("p", { class: "selection-count" });
  const said = saidPlace();
  const zip = workButton(said, "selection.zip", () => zipOfSeveral(selection.all(), (words) => say(said, words)));
  const compare = button(t("selection.compare"), () => {
    const two = selection.all();
    if (two.length === PAIR) openPair(two, { bring, ended: leave });
    else say(said, t("selection.compare_two"));
  });
  const forgets = button("", remove);
  const actions = [
    zip,
    compare,
    button(t("present.start"), () => present(selection.all(), { bring, ended: leave })),
    copyButton(t("selection.copy_list"), () => listText(selection.all())),
    forgets,
  ];
  const ofOne = makeOfOne(selection, does);
  const clear = closeButton(t("selection.clear"), () => selection.clear());
  const root = element(
    "div",
    { class: "selection-bar", role: "group" },
    count,
    ofOne.root,
    element("div", { class: "selection-actions" }, ...actions),
    clear,
    said,
  );

  /** The jobs of what is selected, and how many pictures go with them: a series stands in the list as one, and goes as one. */
  function going() {
    const gone = [...new Map(selection.all().map(({ job }) => [job.key, job])).values()];
    return { gone, pictures: gone.reduce((sum, { record }) => sum + record.outputs.length, 0) };
  }

  function remove() {
    const { gone, pictures } = going();
    const words = t("history.forgotten_pictures", { count: pictures });
    forget(gone, pictures > selection.all().length ? inARow(words, t("history.forgotten_series")) : words);
  }

  function update() {
    const { length } = selection.all();
    const words = t("selection.count", { count: length });
    say(said, "");
    compare.setAttribute("aria-disabled", String(length !== PAIR));
    if (!length) {
      tray.hide(root);
      return;
    }
    const { pictures } = going();
    say(forgets, pictures > length ? t("selection.forget_all_of", { count: pictures }) : t("history.forget"));
    say(count, words);
    ofOne.update();
    root.setAttribute("aria-label", words);
    tray.show(root, words);
  }

  return { root, update };
}

/** What can be done with one picture's job, while no other is selected. */
function makeOfOne(selection, { use, show, starred }) {
  const job = () => selection.all()[0].job;
  const star = button("", () => {
    toggleStar(job().key);
    starred();
    update();
  });
  // The hand goes on elsewhere.
  const leaving = (work) => () => {
    const left = job();
    selection.end();
    work(left);
  };
  const used = button(t("history.use"), leaving(({ request }) => use(request)));
  const shown = button(t("history.open"), leaving(show));
  const root = element("div", { class: "selection-actions of-one" }, star, used, shown);

  function update() {
    root.hidden = selection.all().length !== 1;
    if (root.hidden) return;
    const { key, request, record } = job();
    say(star, t(isStarred(key) ? "history.star_off" : "history.star_on"));
    used.hidden = !request;
    shown.hidden = !record.request_id;
  }

  return { root, update };
}
