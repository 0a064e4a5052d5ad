// One picture after the other over the whole screen, and nothing beside it, for who shows them to others: by key, by
// tap or by time, until Escape.

import { promptOf } from "../job/status-text.js";
import { button } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { quoted, t } from "../lib/texts.js";
import { altText } from "./tiles.js";
import { followSwipes, showSharp } from "./zoom-and-swipe.js";

const SECONDS_EACH = 6;
const QUIET_MILLISECONDS = 2500;
const STEPS = {
  ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, Enter: 1,
  ArrowLeft: -1, ArrowUp: -1, PageUp: -1, Backspace: -1,
};

/** Which of a job's pictures can be presented, by index. */
export function presentable({ pictures }) {
  return [...pictures.keys()].filter((index) => pictures[index]?.preview && pictures[index].kind !== "video");
}

/** Present a job's pictures, beginning with the one at `index`. `ended(index)` hears which was the last to be seen. */
export function present(job, index = 0, ended = () => {}) {
  const slides = presentable(job);
  let at = Math.max(0, slides.indexOf(index));
  const image = element("img", { class: "present-picture", draggable: "false" });
  const place = element("span", { class: "present-place", role: "status" });
  const caption = element("p", { class: "present-caption" }, element("span", { class: "present-title", dir: "auto" }, quoted(promptOf(job))), place);
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
  let timer = null;

  function show(wished) {
    at = wished;
    showSharp(image, job.pictures[slides[at]]);
    const count = job.record.outputs.length;
    image.alt = altText(job, slides[at], count);
    say(place, t("view.place", { number: slides[at] + 1, count }));
    back.setAttribute("aria-disabled", String(at === 0));
    next.setAttribute("aria-disabled", String(at === slides.length - 1));
    timing();
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
    before.focus();
    ended(slides[at]);
  });
  document.querySelector(".view").after(root);
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
