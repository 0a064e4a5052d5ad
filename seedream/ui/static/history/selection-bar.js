// What can be done with the selected pictures.

import { listText, zipOfSeveral } from "../export/several.js";
import { openPair } from "../gallery/pair.js";
import { present } from "../gallery/present.js";
import { bring } from "../job/take-up.js";
import { button, closeButton, copyButton, saidPlace, workButton } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { inARow, t } from "../lib/texts.js";

// As many as stand side by side.
const PAIR = 2;

/**
 * What shows in the `tray` how many pictures are selected, by `update()`. `selection` is which, `forget(jobs, words)` takes
 * jobs out of the list, and `leave()` hears that pictures without cards are of no more use.
 */
export function makeSelectionBar(tray, selection, { forget, leave }) {
  const count = element("p", { class: "selection-count" });
  const said = saidPlace();
  const zip = workButton(said, "selection.zip", () => zipOfSeveral(selection.all(), (words) => say(said, words)));
  const compare = button(t("selection.compare"), () => {
    const two = selection.all();
    if (two.length === PAIR) openPair(two, { bring, ended: leave });
    else say(said, t("selection.compare_two"));
  });
  const actions = [
    zip,
    compare,
    button(t("present.start"), () => present(selection.all(), { bring, ended: leave })),
    copyButton(t("selection.copy_list"), () => listText(selection.all())),
    button(t("history.forget"), remove),
  ];
  const clear = closeButton(t("selection.clear"), () => selection.clear());
  const root = element(
    "div",
    { class: "selection-bar", role: "group" },
    count,
    element("div", { class: "selection-actions" }, ...actions),
    clear,
    said,
  );

  /** A series stands in the list as one, and goes as one. */
  function remove() {
    const places = selection.all();
    const gone = [...new Map(places.map(({ job }) => [job.key, job])).values()];
    const pictures = gone.reduce((sum, { record }) => sum + record.outputs.length, 0);
    const words = t("history.forgotten_pictures", { count: pictures });
    forget(gone, pictures > places.length ? inARow(words, t("history.forgotten_series")) : words);
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
    say(count, words);
    root.setAttribute("aria-label", words);
    tray.show(root, words);
  }

  return { root, update };
}
