// What becomes of a picture that was asked for in the large view: a line over the lower edge of the one that is looked at,
// which stays where it is.

import { describe, isDrawn, promptOf } from "../job/status-text.js";
import { button } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { quoted, t } from "../lib/texts.js";

/**
 * The line's `root`; `send(request, at)`, which sends one by `press` and tells what becomes of it; `update(job)` for each
 * change, `turned()` when another picture is looked at, and `end()`. `show(place)` shows what has come of it.
 */
export function makeSentLine({ press, show }) {
  const words = element("p", { role: "status" });
  const look = button(t("history.open"), () => {
    const job = followed;
    end();
    show({ job, index: 0 });
  });
  const root = element("div", { class: "view-sent" }, words, look);
  let followed = null;
  let told = null;

  function draw() {
    const heard = followed && t("job.heard", { prompt: quoted(promptOf(followed)), words: describe(followed) });
    say(words, told ?? heard ?? "");
    look.hidden = !followed || !isDrawn(followed.record);
    root.classList.toggle("view-sent-on", Boolean(words.textContent));
  }

  // The same each time: by it, a double press is known for one.
  const tell = (text) => {
    told = text;
    draw();
  };
  const made = ([job]) => {
    followed = job;
    draw();
  };

  function end() {
    followed = null;
    tell(null);
  }

  draw();
  return {
    root,
    end,
    send: (request, at) => press(request, { tell, at, made }),
    update(job) {
      if (followed?.key !== job.key) return;
      followed = job;
      if (job.record.ended) told = null;
      draw();
    },
    turned() {
      if (!followed || followed.record.ended) end();
    },
  };
}
