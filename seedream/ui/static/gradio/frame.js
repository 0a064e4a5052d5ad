// The page in a frame of the Hub's, which Gradio has made as tall as what is in it: what is fixed in here, or as tall
// as the window, would lie where nobody looks, and make the frame ever taller. The Hub tells what is seen of it.

import { setVisibleArea } from "../lib/visible-area.js";

const READY = "gradio:iframe-resizer-ready";
/** The style sheets know such a frame by this class. */
const SIZED = "sized-frame";

/** Follow what is seen of the frame, where this is one of that kind. */
export function followFrame() {
  if (window.parentIFrame) follow();
  else addEventListener(READY, follow, { once: true });
}

function follow() {
  document.documentElement.classList.add(SIZED);
  window.parentIFrame.getPageInfo(({ scrollTop, clientHeight, offsetTop, iframeHeight }) => {
    const top = Math.max(0, scrollTop - offsetTop);
    const bottom = Math.min(iframeHeight, scrollTop + clientHeight - offsetTop);
    if (bottom > top) setVisibleArea({ top, height: bottom - top });
  });
}
