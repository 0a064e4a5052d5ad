// What this browser has asked for before: show it again, use its settings again, forget it.

import { element, say } from "../lib/elements.js";
import * as jobs from "../job/jobs.js";
import { dollars } from "../lib/money.js";
import { has, language, t } from "../lib/texts.js";
import { reveal } from "../gallery/gallery.js";

const LONGEST_QUOTE = 60;
// As the server takes it.
const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** Put the history under the wall. `use(request)` fills the form; `own()` tells whose token is in use. */
export function keepHistory(frame, { use, own, offline }) {
  const list = element("ol", { class: "history-list" });
  const empty = element("p", { class: "history-note" }, t("history.empty"));
  const clear = element("button", { type: "button", class: "quiet-button" }, t("history.forget_all"));
  const title = element("summary", {}, t("history.title"));
  const forgotten = forgettable(title);
  const details = element(
    "details",
    { class: "history" },
    title,
    element("p", { class: "history-note" }, t("history.kept")),
    forgotten.root,
    empty,
    list,
    element("div", { class: "history-foot" }, paste(own), clear),
  );
  frame.append(details);
  clear.addEventListener("click", () => {
    if (!window.confirm(t("history.forget_sure"))) return;
    jobs.forgetAll();
    forgotten.hide();
    title.focus();
  });
  const draw = () => {
    const remembered = jobs.kept();
    empty.hidden = remembered.length > 0;
    clear.hidden = !remembered.length;
    if (details.open) list.replaceChildren(...remembered.map((job) => row(job, { use, offline, forget: forgotten.forget })));
  };
  details.addEventListener("toggle", draw);
  jobs.listen((_, change) => {
    if (change !== "picture" && change !== "connection") draw();
  });
  draw();
}

/** Forgetting a job, and the line that says so and can bring it back. */
function forgettable(title) {
  let last = null;
  const said = element("p", { role: "status" });
  const back = element("button", { type: "button", class: "quiet-button" }, t("history.bring_back"));
  const root = element("div", { class: "history-forgotten", hidden: true }, said, back);
  const hide = () => {
    root.hidden = true;
  };
  back.addEventListener("click", () => {
    jobs.bringBack(last);
    hide();
    title.focus();
  });
  const forget = (job) => {
    last = job;
    jobs.forget(job);
    root.hidden = false;
    say(said, t("history.forgotten", { prompt: short(job.request?.prompt ?? t("job.no_prompt")) }));
    // The button that was pressed has gone with its row.
    back.focus();
  };
  return { root, forget, hide };
}

function short(text) {
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}

function row(job, { use, offline, forget }) {
  const button = (key, press) => element("button", { type: "button", class: "quiet-button", click: press }, t(key));
  const known = Boolean(job.record.request_id);
  return element(
    "li",
    { class: "history-row" },
    element("p", { class: "history-prompt" }, job.request?.prompt ?? t("job.no_prompt")),
    element("p", { class: "history-note" }, facts(job, offline).join(" · ")),
    element(
      "div",
      { class: "history-actions" },
      known ? button("history.open", () => show(job.key)) : null,
      job.request ? button("history.use", () => use(job.request)) : null,
      button("history.forget", () => forget(job)),
    ),
  );
}

function show(key) {
  jobs.show(key);
  reveal(key);
}

function facts({ at, request, record }, offline) {
  const when = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(at);
  const state = `history.status.${record.status}`;
  const values = Object.entries(request ?? {}).filter(([name]) => ["resolution", "output_format"].includes(name));
  return [
    when,
    has(state) ? t(state) : t("history.status.under_way"),
    record.outputs.length ? t("history.pictures", { count: record.outputs.length }) : null,
    ...values.map(([name, value]) => t(`value.${name}.${value}`)),
    typeof record.cost_usd === "number" ? (offline ? t("after.cost_sample") : dollars(record.cost_usd)) : null,
  ].filter(Boolean);
}

function paste(own) {
  const input = element("input", { type: "text", name: "request-id", autocomplete: "off", spellcheck: "false" });
  const unfit = element("p", { role: "alert" });
  const form = element(
    "form",
    { class: "history-paste" },
    element("label", {}, element("span", {}, t("history.paste")), input),
    element("button", { type: "submit", class: "quiet-button" }, t("history.paste_open")),
    unfit,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const requestId = input.value.trim();
    const fits = REQUEST_ID.test(requestId);
    say(unfit, fits || !requestId ? "" : t("error.request_id_unfit"));
    if (!fits) return;
    jobs.open(requestId, own());
    input.value = "";
  });
  return form;
}

/**
 * Show the job that the page's address names; `own` tells whether the visitor's own token is in use. The address
 * stays as it is, so that a reload shows the job again, and known by its ID it has one card whatever happens.
 */
export function openFromAddress(own) {
  const requestId = new URL(location.href).searchParams.get("request_id")?.trim();
  if (requestId) jobs.open(requestId, own);
}
