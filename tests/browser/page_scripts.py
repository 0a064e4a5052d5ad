"""What a test asks of the page itself, in its own words: scripts for more than one browser's driver."""

from __future__ import annotations

# To be put into an `async` function: the page's own modules, by their paths.
MODULES = """const { $modules } = await import(
    document.querySelector("link[rel=modulepreload][href$='/main.js']").href);"""
# The names of what is kept of pictures, once the browser has written all that the page has given it by then.
SMALL_COPIES = """async () => {
  const done = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const database = await done(indexedDB.open("seedream.thumbnails", 1));
  const keys = await done(database.transaction("thumbnails").objectStore("thumbnails").getAllKeys());
  database.close();
  return keys;
}"""
