// An image that could not be loaded asks again: as soon as the network is back or the page is looked at again, and
// after longer and longer pauses. A browser would leave it broken until the page is loaded anew.

const [FIRST_PAUSE, LONGEST_PAUSE] = [2000, 60_000];

// What asks again for each that is missing.
const missing = new Set();

/** Have an image ask again for as long as it is on the page, and return what asks at once. `told(here)` hears how each try ended. */
export function persist(image, told = () => {}) {
  let timer = 0;
  let pause = FIRST_PAUSE;
  const ask = () => {
    clearTimeout(timer);
    missing.delete(ask);
    if (image.isConnected && image.src) image.src = image.src;
  };
  image.addEventListener("error", () => {
    clearTimeout(timer);
    missing.add(ask);
    timer = setTimeout(ask, pause);
    pause = Math.min(2 * pause, LONGEST_PAUSE);
    told(false);
  });
  image.addEventListener("load", () => {
    clearTimeout(timer);
    missing.delete(ask);
    pause = FIRST_PAUSE;
    told(true);
  });
  return ask;
}

function askForAll() {
  for (const ask of [...missing]) ask();
}
addEventListener("online", askForAll);
document.addEventListener("visibilitychange", () => document.hidden || askForAll());
