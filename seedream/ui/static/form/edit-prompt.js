// The way back to the prompt on a phone, where what lies at the window's edge would cover the pictures.

import { generateButton, mount, promptInput } from "../gradio/form.js";
import { button } from "../lib/buttons.js";
import { t } from "../lib/texts.js";

// The style sheets put it in the button's place by this class, on narrow windows.
const AMONG_PICTURES = "among-pictures";

/** Offer it while the pictures in `gallery` fill more than half of the window. */
export function offerWayBack(gallery) {
  const back = button(
    t("form.edit_prompt"),
    () => {
      promptInput().scrollIntoView({ block: "center" });
      promptInput().focus({ preventScroll: true });
    },
    { class: "edit-prompt" },
  );
  mount("send", back);
  const swap = (changes) => {
    // A busy page hears of several at once.
    const { isIntersecting } = changes.at(-1);
    const at = document.activeElement;
    document.documentElement.classList.toggle(AMONG_PICTURES, isIntersecting);
    // Nobody loses their place because a button goes.
    const [gone, there] = isIntersecting ? [generateButton(), back] : [back, generateButton()];
    if (at === gone && there.checkVisibility()) there.focus({ preventScroll: true });
  };
  new IntersectionObserver(swap, { rootMargin: "0px 0px -50% 0px" }).observe(gallery);
}
