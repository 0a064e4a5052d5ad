// The shell, which is painted from the first HTML (shell.py), until the page is alive.

/** The starting points as pictures to press, as the shell has them; without one, an empty place. */
export function startPictures() {
  return document.querySelector("page-shell .start-pictures") ?? document.createElement("div");
}

/** The small copies that the shell shows (wall.js), as their addresses by `copyId`: whoever takes them drops them. */
export function shellCopies() {
  const images = [...document.querySelectorAll("shell-wall [data-copy] > img")];
  return new Map(images.map((image) => [image.parentElement.dataset.copy, image.src]));
}

/** Wait for the style sheets, which nothing else waits for (first_html.py); one that is lost is not waited for. */
export function sheetsPresent() {
  const coming = [...document.querySelectorAll('link[media="print"]')];
  return Promise.all(coming.map((sheet) => new Promise((resolve) => ["load", "error"].forEach((name) => sheet.addEventListener(name, resolve)))));
}

/** Who had signed in when the page was asked for; null: nobody. */
export function signedInAtFirst() {
  return document.querySelector("page-shell .shell-signed-in")?.dataset.name ?? null;
}

/** Show what has been drawn behind the shell, at once: while it stands there, nothing takes its time (shell.css). */
export function endShell() {
  const shell = document.querySelector("page-shell");
  if (!shell) return;
  shell.hidden = true;
  // The browser is to take note of that before it may.
  document.body.getBoundingClientRect();
  shell.remove();
}
