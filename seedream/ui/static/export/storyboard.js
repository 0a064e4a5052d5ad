// A series on paper, printed by the browser itself: real text in any script, on the paper of the visitor's country,
// or as a PDF, which every browser's print dialog makes.

import { element } from "../lib/elements.js";
import { number, t } from "../lib/texts.js";

// A longer prompt is set smaller.
const LARGE_CHARACTERS = 160;
// How tall a frame is at most, so that two rows, or one of two frames, find room on a page of A4 or Letter.
const TALLEST = { few: "110mm", wide: "62mm", slim: "80mm" };
const FEW = 2;

/** Print a series as it is told in exports.js: the page's place is taken by it, on paper alone. */
export async function printStoryboard(story) {
  const pages = drawn(story);
  const sheet = element("link", { rel: "stylesheet", href: new URL("./storyboard.css", import.meta.url) });
  const styled = new Promise((resolve, reject) => {
    sheet.addEventListener("load", resolve);
    sheet.addEventListener("error", reject);
  });
  const remove = () => [sheet, pages].forEach((each) => each.remove());
  document.head.append(sheet);
  document.body.append(pages);
  try {
    const pictures = [...pages.querySelectorAll("img")].map((image) => image.decode());
    await Promise.all([styled, ...pictures]);
  } catch (error) {
    remove();
    throw error;
  }
  // A PDF is called as the page is.
  const title = document.title;
  document.title = story.name;
  window.print();
  if (document.title === story.name) document.title = title;
  // Some browsers go on while their dialog is open, and draw its pages anew: until the visitor is back, they stay.
  for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, remove, { once: true, capture: true });
}

function drawn({ prompt, facts, frames, samples }) {
  const slim = frames.every(({ width, height }) => width < height);
  const tallest = TALLEST[frames.length <= FEW ? "few" : slim ? "slim" : "wide"];
  return element(
    "section",
    { class: "storyboard light", style: `--tallest: ${tallest}` },
    element("p", {}, facts),
    element("h1", { dir: "auto", class: prompt.length > LARGE_CHARACTERS ? "storyboard-long" : "" }, prompt),
    element("ol", {}, ...frames.map((frame) => drawnFrame(frame, samples))),
  );
}

function drawnFrame({ preview, width, height, number: place }, sample) {
  return element(
    "li",
    { style: `--ratio: ${width / height}` },
    element("img", { src: preview, alt: t("reference.number", { number: place }) }),
    element("p", {}, [number(place), sample && t("offline.sample")].filter(Boolean).join(" · ")),
  );
}
