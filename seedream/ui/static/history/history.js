// What this browser has asked for before: show it again, use its settings again, forget it.

import { reveal } from "../gallery/gallery.js";
import { inHistory, promptOf } from "../job/status-text.js";
import * as jobs from "../job/store.js";
import { watch } from "../job/stream.js";
import { open, show } from "../job/take-up.js";
import { button } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { settings } from "../lib/settings.js";
import { outlasting } from "../lib/store.js";
import { dollars, inARow, language, quoted, t, valueText } from "../lib/texts.js";

// As the server takes it.
const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** Put the history under the gallery. `use(request)` fills the form; `own()` tells whose token is in use. */
export function showHistory(root, { use, own }) {
  const title = element("summary", {}, t("history.title"));
  const undo = undoLine(title);
  const empty = element("p", { class: "history-note" }, t("history.empty"));
  const list = element("ol", { class: "history-list" });
  const forgets = element("p", { class: "history-note not-kept", role: "status" });
  const clear = button(t("history.forget_all"), () => {
    if (!window.confirm(t("history.forget_sure"))) return;
    jobs.forgetAll();
    watch();
    undo.root.hidden = true;
    title.focus();
  });
  let rows = new Map();
  const draw = () => {
    const remembered = jobs.remembered();
    empty.hidden = remembered.length > 0;
    clear.hidden = !remembered.length;
    say(forgets, { nothing: t("history.not_kept"), some: t("history.full") }[outlasting()] ?? "");
    if (!details.open) return;
    const drawn = (job) => rows.get(JSON.stringify(job)) ?? row(job, use, undo.forget);
    rows = new Map(remembered.map((job) => [JSON.stringify(job), drawn(job)]));
    arrange(list, [...rows.values()]);
  };
  const details = element(
    "details",
    { class: "history", toggle: draw },
    title,
    outlasting() !== "nothing" && element("p", { class: "history-note" }, where()),
    undo.root,
    empty,
    list,
    element("div", { class: "history-foot" }, openById(own), clear),
  );
  root.append(forgets, details);
  jobs.listen((_, change) => ["new", "record", "removed"].includes(change) && draw());
  jobs.listenElsewhere(draw);
  draw();
}

/** Where it is kept. What a page keeps in another site's frame, browsers keep apart. */
function where() {
  const kept = t("history.kept");
  try {
    return top.document && kept;
  } catch {
    return inARow(kept, t("history.kept_apart"));
  }
}

/** Show these children in this order. What stays where it is isn't touched: it may have the focus. */
function arrange(root, children) {
  for (const child of [...root.children]) if (!children.includes(child)) child.remove();
  children.forEach((child, place) => {
    if (root.children[place] !== child) root.insertBefore(child, root.children[place] ?? null);
  });
}

/** Forgetting a job, and the line that says so and can bring it back. */
function undoLine(title) {
  let last = null;
  const said = element("p", { role: "status" });
  const back = button(t("history.bring_back"), () => {
    show(last);
    root.hidden = true;
    title.focus();
  });
  const root = element("div", { class: "history-forgotten", hidden: true }, said, back);
  const forget = (job) => {
    last = job;
    jobs.forget(job);
    root.hidden = false;
    say(said, t("history.forgotten", { prompt: quoted(promptOf(job)) }));
    // The button that was pressed has gone with its row.
    back.focus();
  };
  return { root, forget };
}

function row(job, use, forget) {
  const showIt = () => {
    show(job);
    reveal(job);
  };
  const actions = [
    job.record.request_id && button(t("history.open"), showIt),
    job.request && button(t("history.use"), () => use(job.request)),
    button(t("history.forget"), () => forget(job)),
  ];
  return element(
    "li",
    { class: "history-row" },
    element("p", { class: "history-prompt" }, promptOf(job)),
    element("p", { class: "history-note" }, facts(job).join(" · ")),
    element("div", { class: "history-actions" }, ...actions.filter(Boolean)),
  );
}

function facts({ at, request, record }) {
  const { outputs, cost_usd: cost } = record;
  const names = new Set([settings.shape_field, "resolution", "output_format"]);
  const values = [...names].filter((name) => request?.[name]);
  return [
    new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(at),
    inHistory(record),
    outputs.length > 0 && t("history.pictures", { count: outputs.length }),
    ...values.map((name) => valueText(name, request[name])),
    typeof cost === "number" && (settings.offline ? t("after.cost_sample") : dollars(cost)),
  ].filter(Boolean);
}

function openById(own) {
  const attributes = { type: "text", class: "text-field", name: "request-id", autocomplete: "off", spellcheck: "false" };
  const input = element("input", attributes);
  const unfit = element("p", { role: "alert" });
  const submit = (event) => {
    event.preventDefault();
    const requestId = input.value.trim();
    const fits = REQUEST_ID.test(requestId);
    say(unfit, fits || !requestId ? "" : t("error.request_id_unfit"));
    if (!fits) return;
    open(requestId, own());
    input.value = "";
  };
  return element(
    "form",
    { class: "history-open", submit },
    element("label", {}, element("span", {}, t("history.paste")), input),
    button(t("history.paste_open"), null, { type: "submit" }),
    unfit,
  );
}

/**
 * Show the job that the page's address names; `own` tells whether the visitor's own token is in use. The address
 * stays as it is, so that a reload shows the job again, and known by its ID it has one card whatever happens.
 */
export function openFromAddress(own) {
  const requestId = new URL(location.href).searchParams.get("request_id")?.trim();
  if (requestId) open(requestId, own);
}
