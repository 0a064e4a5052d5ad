// Runs before Gradio does: chooses the page's language, tells it to everyone who asks the browser, and sends
// for the texts. An address with `?lang=` comes first, then the visitor's choice, then the browser's wishes.
(() => {
  const { languages, texts } = document.currentScript.dataset;
  const offered = languages.split(" ");

  /** Language and script, as zh-HK and zh-TW share them and zh-CN does not. */
  const kind = (tag) => {
    try {
      const { language, script } = new Intl.Locale(tag).maximize();
      return `${language}-${script}`;
    } catch {
      return null;
    }
  };
  const among = (tag) =>
    offered.find((each) => each.toLowerCase() === tag.toLowerCase()) ??
    offered.find((each) => kind(tag) && kind(each) === kind(tag));
  const chosen = () => {
    try {
      return localStorage.getItem("seedream.language");
    } catch {
      return null;
    }
  };

  const query = new URLSearchParams(location.search);
  const wishes = [query.get("lang"), chosen(), ...navigator.languages];
  const language = wishes.filter(Boolean).map(among).find(Boolean) ?? "en";
  document.documentElement.lang = language;
  document.documentElement.dataset.texts = `${texts}/${language}.json`;
  // A key that is held down presses a button once, however late the page gets to each of its repetitions.
  const pressOnce = (event) => {
    if (event.repeat && event.key === "Enter" && event.target.closest?.("button")) event.preventDefault();
  };
  addEventListener("keydown", pressOnce, true);
  // Whoever pays from an account of their own is shown no demo (form/account.js).
  try {
    document.documentElement.classList.toggle("own-account", sessionStorage.getItem("seedream.seal") !== null);
  } catch {
    // The page may keep nothing, and has nothing.
  }
  // A result that somebody has shared is looked at without a form (gallery/shared-result.js knows whose it is).
  if (query.has("request_id")) document.documentElement.classList.add("looking");
  // Into the browser's cache, where the page's scripts find them; they ask again if this fails.
  fetch(document.documentElement.dataset.texts).catch(() => {});
  // Last: a browser that would not have it still shows the page, Gradio's own words alone in another language.
  for (const [name, value] of Object.entries({ language, languages: [language] })) {
    Object.defineProperty(navigator, name, { value, configurable: true });
  }

  // Where a browser takes no cookie, Gradio's form of the login would only come again, without a word.
  class LoginNote extends HTMLElement {
    async connectedCallback() {
      // As Gradio's own. What a browser says of itself (`cookieEnabled`) need not be so.
      for (const kind of ["", "; SameSite=None; Secure"]) document.cookie = `seedream.probe=1; Max-Age=1${kind}`;
      if (document.cookie.includes("seedream.probe")) return;
      const known = await (await fetch(document.documentElement.dataset.texts)).json();
      this.textContent = known["login.no_cookies"];
    }
  }
  customElements.define("login-note", LoginNote);

  // The first HTML's shell (shell.py), as the page will be: in its colours, and without words of another language.
  class PageShell extends HTMLElement {
    connectedCallback() {
      // As Gradio chooses.
      const theme = query.get("__theme");
      const dark = theme ? theme === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
      this.classList.add(dark ? "dark" : "light");
      this.classList.toggle("shell-wordless", this.dataset.language !== language);
    }
  }
  customElements.define("page-shell", PageShell);

  // Style sheets that nothing waited for (first_html.py) count once they are there.
  document.addEventListener("load", ({ target }) => target.rel === "stylesheet" && (target.media = "all"), true);

  // Without Gradio's scripts the shell would stand there for good, and do nothing.
  const say = ({ type, target }) => {
    const shell = document.querySelector("page-shell");
    if (!shell || (type === "error" && target.type !== "module")) return;
    document.querySelector(".shell-failure").hidden = false;
  };
  window.addEventListener("error", say, true);
  window.addEventListener("unhandledrejection", say);
})();
