// Where the large picture stands: as large as fits, or pixel for pixel; and the finger that turns to the next.

import { button } from "../lib/buttons.js";
import { element, say } from "../lib/elements.js";
import { persist } from "../lib/persistent-image.js";
import { t } from "../lib/texts.js";

// An original has 5 to 13 MB. Without being asked for, it comes only where its preview is clearly not sharp: on a
// screen with half again as many pixels for it. A phone mostly has fewer, and what it pays for stays the visitor's
// choice, as wherever the browser says that data is dear.
const CLEARLY_SHARPER = 1.5;
// Who leafs through a series passes by faster.
const DWELL_MILLISECONDS = 400;
// As far as a finger goes that means it, in CSS pixels.
const SWIPE = 48;
// As far as a mouse trembles while it presses.
const STILL = 4;

/**
 * The picture in the `frame`: `show(picture, alt, arrived)`, where `arrived(image)` hears that it has come; the `button` for
 * its full size, whether that is `on()`, and `zoom(zoomed, x, y)`. `toggled` hears of each press as that takes it.
 */
export function makeZoom(frame, toggled = () => {}) {
  let now = null;
  // Whether its original is here, or on its way.
  let sharp = false;
  let told = () => {};
  // One element for all pictures: a finger that is still on the last one would lose its end with it.
  const image = element("img", { class: "view-picture", draggable: "false" });
  const isDragged = followDrags(frame, image);
  image.addEventListener("click", ({ offsetX, offsetY }) => {
    if (!isDragged()) toggle(offsetX / image.clientWidth, offsetY / image.clientHeight);
  });
  const late = element("p", { class: "view-late", role: "status" });
  persist(image, (here) => {
    image.classList.toggle("view-missing", !here);
    say(late, here ? "" : t("tile.late"));
    if (here) told(image);
  });
  const full = button("", () => toggle(0.5, 0.5));

  const on = () => frame.classList.contains("view-zoomed");
  const set = (zoomed) => {
    frame.classList.toggle("view-zoomed", zoomed);
    // To scroll it by keys.
    const scrolled = { tabindex: 0, role: "group", "aria-label": image.alt };
    for (const [name, value] of Object.entries(scrolled)) {
      if (zoomed) frame.setAttribute(name, value);
      else frame.removeAttribute(name);
    }
    full.setAttribute("aria-pressed", String(zoomed));
  };

  function toggle(x, y) {
    zoom(!on(), x, y);
    toggled(on(), x, y);
  }

  /** Show each pixel, or fit again; `x` and `y`, of 1, are what comes to the middle. */
  function zoom(zoomed, x, y) {
    set(zoomed);
    if (!zoomed) return;
    frame.scrollTo(x * image.clientWidth - frame.clientWidth / 2, y * image.clientHeight - frame.clientHeight / 2);
    sharpen();
  }

  async function sharpen() {
    const picture = now;
    if (sharp) return;
    sharp = true;
    say(full, t("view.loading"));
    const arrived = await element("img", { src: picture.original }).decode().then(() => true, () => false);
    if (picture !== now) return;
    sharp = arrived;
    if (arrived) image.src = picture.original;
    say(full, t(arrived ? "view.full_size" : "view.not_loaded"));
  }

  async function sharpenIfNeeded() {
    const picture = now;
    if ((await staysUnsharp(image)) && picture === now) sharpen();
  }

  function show(picture, alt, arrived = () => {}) {
    [now, told] = [picture, arrived];
    sharp = false;
    set(false);
    say(full, t("view.full_size"));
    if (picture.kind === "video") {
      frame.replaceChildren(element("video", { src: picture.original, controls: true, "aria-label": alt }));
      return;
    }
    image.src = picture.preview;
    image.alt = alt;
    image.style.setProperty("--ratio", picture.width / picture.height);
    image.style.setProperty("--pixels", picture.width / window.devicePixelRatio);
    if (frame.firstChild !== image) frame.replaceChildren(image, late);
    sharpenIfNeeded();
  }

  return { show, button: full, on, zoom };
}

/** Show a picture by its preview, and where that is clearly not sharp, by its original as soon as that is here. */
export async function showSharp(image, picture) {
  image.src = picture.preview;
  const shown = image.src;
  if (!(await staysUnsharp(image)) || image.src !== shown) return;
  const arrived = await element("img", { src: picture.original }).decode().then(() => true, () => false);
  if (arrived && image.src === shown) image.src = picture.original;
}

/** Wait a little, and tell whether what is shown there has clearly too few pixels for its place. */
async function staysUnsharp(image) {
  const seen = image.decode().catch(() => {});
  await Promise.all([seen, new Promise((resolve) => setTimeout(resolve, DWELL_MILLISECONDS))]);
  if (!image.isConnected || navigator.connection?.saveData) return false;
  // The picture may stand in a larger box.
  const scale = Math.min(image.clientWidth / image.naturalWidth, image.clientHeight / image.naturalHeight);
  return scale * window.devicePixelRatio >= CLEARLY_SHARPER;
}

/** Have a mouse move what is zoomed, as a finger does by itself. Return what tells whether the last press has. */
function followDrags(frame, image) {
  let from = null;
  let dragged = false;
  image.addEventListener("pointerdown", (event) => {
    dragged = false;
    if (event.pointerType !== "mouse" || event.button || !frame.classList.contains("view-zoomed")) return;
    from = { x: event.clientX, y: event.clientY, left: frame.scrollLeft, top: frame.scrollTop };
    image.setPointerCapture(event.pointerId);
  });
  image.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (!from) return;
    const [across, along] = [clientX - from.x, clientY - from.y];
    dragged ||= Math.hypot(across, along) > STILL;
    if (dragged) frame.scrollTo(from.left - across, from.top - along);
  });
  image.addEventListener("lostpointercapture", () => (from = null));
  return () => dragged;
}

/** Turn to a neighbour by a finger's swipe: `step(1)` to the left, `step(-1)` to the right, where it is `allowed()`. */
export function followSwipes(frame, { step, allowed }) {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let from = null;
  const end = () => {
    from = null;
    frame.style.removeProperty("--drag");
  };
  frame.addEventListener("pointerdown", (event) => {
    const alone = event.isPrimary && event.pointerType !== "mouse" && window.visualViewport.scale === 1;
    if (alone && allowed()) from = event;
    else end();
  });
  frame.addEventListener("pointermove", (event) => {
    if (from && !still.matches) frame.style.setProperty("--drag", `${event.clientX - from.clientX}px`);
  });
  frame.addEventListener("pointerup", (event) => {
    if (!from) return;
    const [across, along] = [event.clientX - from.clientX, event.clientY - from.clientY];
    end();
    if (Math.abs(across) > SWIPE && Math.abs(across) > Math.abs(along)) step(across < 0 ? 1 : -1);
  });
  frame.addEventListener("pointercancel", end);
}
