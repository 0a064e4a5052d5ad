// Which part of the page is seen. In a tab that is the window. A page around this one may have made its frame as tall
// as all that is in it: then nothing in here scrolls, and only the page around knows (gradio/frame.js).

let seen = null;

/** Hear from the page around which part is seen: its `top` and its `height`, in pixels of the frame. */
export function setVisibleArea({ top, height }) {
  seen = { top, bottom: top + height };
  const { style } = document.documentElement;
  style.setProperty("--seen-top", `${top}px`);
  style.setProperty("--seen-height", `${height}px`);
}

/** What is seen of the window: its `top` and its `bottom`, in pixels. */
export const visibleArea = () => seen ?? { top: 0, bottom: window.innerHeight };
