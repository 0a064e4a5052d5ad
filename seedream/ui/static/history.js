// What this browser has asked for before: show it again, use its settings again, forget it.

import { element, say } from "./elements.js";
import * as jobs from "./jobs.js";
import { dollars } from "./money.js";
import { has, language, t } from "./texts.js";
import { reveal } from "./wall.js";

/** Put the history under the wall. `use(request)` fills the form; `own()` tells whose token is in use. */
export function keepHistory(frame, { use, own }) {
  const list = element("ol", { class: "history-list" });
  const empty = element("p", { class: "history-note" }, t("history.empty"));
  const clear = element("button", { type: "button", class: "quiet-button" }, t("history.forget_all"));
  const title = element("summary", {}, t("history.title"));
  const details = element(
    "details",
    { class: "history" },
    title,
    element("p", { class: "history-note" }, t("history.kept")),
    empty,
    list,
    element("div", { class: "history-foot" }, paste(own), clear),
  );
  frame.append(details);
  clear.addEventListener("click", () => {
    if (!window.confirm(t("history.forget_sure"))) return;
    jobs.forgetAll();
    title.focus();
  });
  const draw = () => {
    const remembered = jobs.kept();
    empty.hidden = remembered.length > 0;
    clear.hidden = !remembered.length;
    if (details.open) list.replaceChildren(...remembered.map((job) => row(job, use)));
  };
  details.addEventListener("toggle", draw);
  jobs.listen((_, change) => {
    if (change !== "picture" && change !== "connection") draw();
  });
  draw();
}

function row(job, use) {
  const button = (key, press) => element("button", { type: "button", class: "quiet-button", click: press }, t(key));
  const known = Boolean(job.record.request_id);
  return element(
    "li",
    { class: "history-row" },
    element("p", { class: "history-prompt" }, job.request?.prompt ?? t("job.no_prompt")),
    element("p", { class: "history-note" }, facts(job).join(" · ")),
    element(
      "div",
      { class: "history-actions" },
      known ? button("history.open", () => show(job.key)) : null,
      job.request ? button("history.use", () => use(job.request)) : null,
      button("history.forget", () => jobs.forget(job)),
    ),
  );
}

function show(key) {
  jobs.show(key);
  reveal(key);
}

function facts({ at, request, record }) {
  const when = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(at);
  const state = `history.status.${record.status}`;
  const values = Object.entries(request ?? {}).filter(([name]) => ["resolution", "output_format"].includes(name));
  return [
    when,
    has(state) ? t(state) : t("history.status.under_way"),
    record.outputs.length ? t("history.pictures", { count: record.outputs.length }) : null,
    ...values.map(([name, value]) => t(`value.${name}.${value}`)),
    typeof record.cost_usd === "number" ? dollars(record.cost_usd) : null,
  ].filter(Boolean);
}

function paste(own) {
  const input = element("input", { type: "text", name: "request-id", autocomplete: "off", spellcheck: "false" });
  const form = element(
    "form",
    { class: "history-paste" },
    element("label", {}, element("span", {}, t("history.paste")), input),
    element("button", { type: "submit", class: "quiet-button" }, t("history.paste_open")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const requestId = input.value.trim();
    if (!requestId) return;
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

/** Draw the line that says how many pictures the visitor may still make, or nothing where nobody counts. */
export function sayAllowance(frame, { pictures, again_in_seconds: seconds }) {
  let line = frame.querySelector(".allowance");
  if (!line) {
    line = element("p", { class: "allowance", role: "status" });
    frame.append(line);
  }
  line.hidden = pictures === undefined;
  if (pictures > 0) say(line, t("allowance.left", { count: pictures }));
  else if (pictures === 0) say(line, t("allowance.none", { minutes: Math.ceil((seconds ?? 0) / 60) }));
}
