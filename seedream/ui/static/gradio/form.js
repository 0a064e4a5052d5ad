// What the page's modules need of the form that Gradio draws, by its meaning. Nothing outside this folder names
// Gradio's elements, classes and IDs.

const FIELD = "field-";
const FOCUS_MARGIN = 64;
const FILLING_MILLISECONDS = 1000;

/** Put content into one of the places that page.py keeps for the scripts, once Gradio has drawn it. */
export async function mount(place, ...content) {
  (await present(`#${place}`)).append(...content);
}

/** Wait until there is a prompt to type in, and the button: Gradio draws it later on a busy device. */
export function formPresent() {
  return Promise.all([present(`#${FIELD}prompt textarea`), present("#generate")]);
}

export function promptInput() {
  return document.querySelector(`#${FIELD}prompt textarea`);
}

/** The link that leads to the Hub to sign in, once it is there. */
export function signInLink() {
  return present("#sign-in");
}

/** Put content under the prompt. */
export function mountUnderPrompt(content) {
  promptInput().closest(`#${FIELD}prompt`).append(content);
}

/** Put words under a field, once it is there, and have them read out with it. */
export async function describeField(name, words) {
  const field = await present(`#${FIELD}${name}`);
  field.append(words);
  for (const input of field.querySelectorAll("input, textarea, select")) {
    input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), words.id].filter(Boolean).join(" "));
  }
}

/** Show that a field counts, or does not. */
export function markField(name, counts) {
  document.querySelector(`#${FIELD}${name}`)?.classList.toggle("not-counting", !counts);
}

/** Hear of each letter that is typed into a text, as the field's name and what it holds now. */
export function onTyping(listener) {
  document.addEventListener("input", ({ target }) => {
    const field = target.matches("textarea") && target.closest(`[id^="${FIELD}"]`);
    if (field) listener(field.id.slice(FIELD.length), target.value);
  });
}

/** Set a text at once, as if it were typed; tell whether there is a place for it. Gradio would set it over later typing. */
export function setText(name, text) {
  const input = document.querySelector(`#${FIELD}${name} textarea`);
  if (input && input.value !== text) {
    input.value = text;
    input.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  return input !== null;
}

export function generateButton() {
  return document.querySelector("#generate");
}

/** Have the button say these words in place of Gradio's, something beside them, and that it is off, if it is. */
export async function tellOnGenerate(words, beside, off) {
  const button = await present("#generate");
  const text = [...button.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  // Gradio keeps hold of its text, and says it anew only where it changes.
  if (text && text.data !== words) text.data = words;
  button.dataset.price = beside;
  button.setAttribute("aria-disabled", String(off));
}

/** Hear of whoever is about to press the button. */
export function aboutToGenerate(listener) {
  const near = ({ target }) => target.closest("#generate") && listener();
  for (const name of ["pointerover", "pointerdown", "focusin"]) document.addEventListener(name, near);
  document.addEventListener("keydown", ({ key }) => ["Control", "Meta"].includes(key) && listener());
}

/**
 * Have a double click be one press by when the hand made it: a page that is busy may get to its second half much later.
 * Whoever has changed something in between means the second.
 */
export function oneAtOnce(milliseconds) {
  let last = -Infinity;
  const forget = () => (last = -Infinity);
  const hear = (event) => {
    if (!event.target.closest("#generate")) {
      forget();
      return;
    }
    if (event.timeStamp - last < milliseconds) event.stopImmediatePropagation();
    last = event.timeStamp;
  };
  for (const change of ["input", "drop", "paste"]) document.addEventListener(change, forget, true);
  document.addEventListener("click", hear, true);
}

/** Press the button at Ctrl+Enter, or at the same with the command key, within the form; a token has a button of its own. */
export function generateByKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
    if (!event.target.closest("#form") || event.target.closest("#account")) return;
    event.preventDefault();
    generateButton().click();
  });
}

/** Keep the style sheets told how tall the form is, and what has the focus in it in sight. */
export function measureForm() {
  const form = document.querySelector("#form");
  let focusedAt = -Infinity;
  // One that is taller than the window sticks by its end: a browser that scrolls by so much as is hidden moves it not.
  const keepInSight = (target) => {
    const { top } = target.getBoundingClientRect();
    if (top >= 0) return;
    const within = top - form.getBoundingClientRect().top;
    scrollTo({ top: scrollY + form.parentElement.getBoundingClientRect().top + within - FOCUS_MARGIN });
  };
  form.addEventListener("focusin", ({ target }) => {
    focusedAt = performance.now();
    keepInSight(target);
  });
  new ResizeObserver(() => {
    form.style.setProperty("--form-height", `${form.offsetHeight}px`);
    // What is filled in with the focus makes it taller; later, whoever scrolls has the word.
    const at = document.activeElement;
    if (form.contains(at) && performance.now() - focusedAt < FILLING_MILLISECONDS) keepInSight(at);
  }).observe(form);
}

/** The font that the page is set in. */
export function fontFamily() {
  return getComputedStyle(document.querySelector(".gradio-container")).fontFamily;
}

/** The languages' own names, by their tags. */
export function languageNames() {
  const known = Object.entries(window.gradio_config.i18n_translations);
  return Object.fromEntries(known.map(([tag, texts]) => [tag, texts["language.name"]]));
}

/** Wait for an element: Gradio loads its components one by one, in an order of its own. */
function present(selector) {
  return new Promise((resolve) => {
    const look = () => {
      const found = document.querySelector(selector);
      if (found) {
        observer.disconnect();
        resolve(found);
      }
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { childList: true, subtree: true });
    look();
  });
}
