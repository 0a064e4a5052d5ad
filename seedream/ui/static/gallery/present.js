// One picture after the other over the whole screen, and nothing beside it, for who shows them to others: by key, by
// tap or by time, until Escape.

import { promptOf } from "../job/status-text.js";
import * as jobs from "../job/store.js";
import { button } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { persist } from "../lib/persistent-image.js";
import { quoted, t } from "../lib/texts.js";
import { thumbnail } from "./thumbnails.js";
import { altText } from "./tiles.js";
import { followSwipes, showSharp } from "./zoom-and-swipe.js";

const SECONDS_EACH = 6;
const QUIET_MILLISECONDS = 2500;
const STEPS = {
  ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, Enter: 1,
  ArrowLeft: -1, ArrowUp: -1, PageUp: -1, Backspace: -1,
};

/** Whether a picture can be presented. */
export function isPresentable(picture) {
  return picture?.preview && picture.kind !== "video";
}

/** Which of a job's pictures can be presented, as places. */
export function presentable(job) {
  return [...job.pictures.keys()].filter((index) => isPresentable(job.pictures[index])).map((index) => ({ job, index }));
}

/**
 * Present the pictures at some places, `{ job, index }`, beginning with the one at `first` among them. Where a job may not
 * be on the page yet, `bring(job)` puts it there and returns it. `ended(place)` hears which was the last to be seen.
 */
export function present(slides, { first = 0, bring = null, ended = () => {} } = {}) {
  let at = first;
  const image = element("img", { class: "present-picture", draggable: "false" });
  persist(image);
  const place = element("span", { class: "present-place", role: "status" });
  const title = element("span", { class: "present-title", dir: "auto" });
  const caption = element("p", { class: "present-caption" }, title, place);
  const back = button("‹", () => step(-1), { "aria-label": t("view.before") });
  const next = button("›", () => step(1), { "aria-label": t("view.after") });
  const run = toggle("present.run", () => timing());
  const titled = toggle("present.title", (on) => root.classList.toggle("present-titled", on));
  const end = button(t("present.end"), () => root.close());
  const bar = element("div", { class: "present-bar" }, back, next, run, titled, end);
  const frame = element("div", { class: "present-frame" }, image, caption, bar);
  const root = element("dialog", { class: "present dark", tabindex: "-1", "aria-label": t("present.dialog") }, frame);
  const awake = keepAwake();
  const restful = rest(root);
  const before = document.activeElement;
  let waiting = false;
  let timer = null;
  const arrived = (job) => waiting && root.open && job.key === slides[at].job.key && draw();

  function show(wished) {
    at = wished;
    if (bring) slides.slice(at, at + 2).forEach((slide) => (slide.job = bring(slide.job)));
    draw();
    back.setAttribute("aria-disabled", String(at === 0));
    next.setAttribute("aria-disabled", String(at === slides.length - 1));
    timing();
  }

  /** Show the picture, or its small copy until it has come. */
  function draw() {
    const { job, index } = slides[at];
    const picture = job.pictures[index];
    const small = thumbnail(job.key, index);
    if (picture?.preview) showSharp(image, picture);
    else if (small?.url) image.src = small.url;
    else image.removeAttribute("src");
    waiting = !picture;
    image.alt = altText(job, index, job.record.outputs.length);
    say(title, quoted(promptOf(job)));
    say(place, t("view.place", { number: at + 1, count: slides.length }));
  }

  function step(by) {
    if (slides[at + by] !== undefined) show(at + by);
  }

  /** Each picture has its whole time, also one that was turned to by hand. */
  function timing() {
    clearTimeout(timer);
    const on = run.getAttribute("aria-pressed") === "true";
    timer = on ? setTimeout(() => show((at + 1) % slides.length), SECONDS_EACH * 1000) : null;
  }

  root.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const presses = event.target.matches("button") && ["Enter", " "].includes(event.key);
    const wished = { Home: 0, End: slides.length - 1 }[event.key];
    if (presses || !(event.key in STEPS || wished !== undefined)) return;
    event.preventDefault();
    if (wished === undefined) step(STEPS[event.key]);
    else show(wished);
  });
  frame.addEventListener("click", ({ target, clientX }) => {
    if (!bar.contains(target)) step(clientX < frame.clientWidth / 3 ? -1 : 1);
  });
  followSwipes(frame, { step, allowed: () => true });
  // Escape leaves the full screen before any script hears of it.
  frame.addEventListener("fullscreenchange", () => document.fullscreenElement || root.close());
  root.addEventListener("close", async () => {
    clearTimeout(timer);
    restful.end();
    awake.end();
    // What is behind a full screen takes no focus.
    if (document.fullscreenElement) await document.exitFullscreen();
    root.remove();
    jobs.unlisten(arrived);
    before.focus();
    ended(slides[at]);
  });
  document.querySelector(".view").after(root);
  jobs.listen(arrived);
  root.showModal();
  root.focus();
  show(at);
  // Where there is none, as on some phones, the window is filled all the same.
  frame.requestFullscreen?.().catch(() => {});
}

function toggle(key, changed) {
  const made = button(t(key), () => {
    const on = made.getAttribute("aria-pressed") !== "true";
    made.setAttribute("aria-pressed", String(on));
    changed(on);
  }, { "aria-pressed": "false" });
  return made;
}

/** Take away the bar and the pointer while no hand moves. */
function rest(root) {
  let timer = null;
  const stir = () => {
    root.classList.remove("present-quiet");
    clearTimeout(timer);
    timer = setTimeout(() => root.classList.add("present-quiet"), QUIET_MILLISECONDS);
  };
  for (const kind of ["pointermove", "pointerdown"]) root.addEventListener(kind, stir);
  stir();
  return { end: () => clearTimeout(timer) };
}

/** Keep the screen from going dark, where the browser can. It lets go of that whenever the page is out of sight. */
function keepAwake() {
  let lock = null;
  let ended = false;
  const ask = async () => {
    // A battery that runs low is reason enough to be refused.
    const given = document.hidden ? null : await navigator.wakeLock?.request("screen").catch(() => null);
    if (ended) given?.release();
    else lock = given ?? lock;
  };
  document.addEventListener("visibilitychange", ask);
  ask();
  return {
    end() {
      ended = true;
      document.removeEventListener("visibilitychange", ask);
      lock?.release();
    },
  };
}
