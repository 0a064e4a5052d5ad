// The one place for what is for developers: a window over the page, or over a picture shown large, for any job.

import { nameBy } from "../job/named.js";
import { promptOf } from "../job/status-text.js";
import * as jobs from "../job/store.js";
import { button, closeButton } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { t } from "../lib/texts.js";

let loading = null;
// Of all that it shows, there is one.
let made = null;

/** A button that opens it for the job that `job()` gives. */
export function developerButton(job) {
  return button(t("developer.title"), () => openFor(job()), { pointerenter: load, focusin: load });
}

/** What draws it is loaded once somebody comes near it; null where it can't be. */
function load() {
  loading ??= import("./developer.js").catch(() => (loading = null));
  return loading;
}

async function openFor(job) {
  made ??= makeWindow();
  made.root.showModal();
  const drawing = await load();
  made.show(job, drawing?.developerPanel);
}

function makeWindow() {
  let shown = null;
  let panel = null;
  const prompt = element("p", { class: "developer-prompt", dir: "auto" });
  const named = element("p", { class: "developer-named" });
  const body = element("div", { class: "developer-body" });
  const close = closeButton(t("view.close"), () => root.close());
  const head = element("div", { class: "developer-head" }, element("h2", { id: "developer-title" }, t("developer.title")), close);
  const root = element(
    "dialog",
    {
      class: "developer",
      "aria-labelledby": "developer-title",
      // What is around it is the window itself; all that it shows is within.
      click: ({ target }) => target === root && root.close(),
      close: () => (shown = null),
    },
    element("div", { class: "developer-whole" }, head, prompt, named, body),
  );
  const draw = (job) => {
    nameBy(named, job);
    panel?.(job);
  };
  jobs.listen((job) => job.key === shown?.key && draw(job));
  document.querySelector(".view").after(root);

  /** Show a job, by what `drawing(body)` makes of it; without that, say that it could not be loaded. */
  function show(job, drawing) {
    shown = job;
    say(prompt, promptOf(job));
    body.replaceChildren();
    if (!drawing) say(body, t("error.page_unreachable"));
    panel = drawing?.(body);
    draw(job);
  }

  return { root, show };
}
