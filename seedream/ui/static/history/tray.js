// What lies over the page at its lower edge, and pushes nothing: what can be done with the selected pictures, or how what
// was removed comes back. One at a time.

import { element, say } from "../lib/elements.js";

/** The tray's `root`, with the place where it is heard; `show(content, words)`, and `hide(content)` if that is there. */
export function makeTray() {
  const tray = element("div", { popover: "manual", class: "history-tray" });
  const heard = element("p", { class: "sr-only", role: "status" });

  /** Show an element; the `words` are heard, as what was not on the page a moment ago is not. */
  function show(content, words) {
    if (tray.firstChild !== content) tray.replaceChildren(content);
    if (!tray.matches(":popover-open")) tray.showPopover();
    say(heard, words);
  }

  function hide(content) {
    if (tray.firstChild !== content) return;
    if (tray.matches(":popover-open")) tray.hidePopover();
    tray.replaceChildren();
    say(heard, "");
  }

  return { root: element("div", {}, tray, heard), show, hide };
}
