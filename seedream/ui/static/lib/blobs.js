// Pictures that went into jobs, kept in this browser under names of their own, within a bound. The page itself always
// has those that it was given; a browser that keeps nothing costs only what comes after it.

const DATABASE = "seedream";
const STORE = "references";
// The oldest go first.
const MOST_BYTES = 60 * 1024 * 1024;

const here = new Map();
let opening = null;

/** Keep `{ id, blob, small }`, two blobs. */
export async function keep(entry) {
  here.set(entry.id, entry);
  await attempt(async (store) => {
    await done(store.put({ ...entry, at: Date.now() }));
    const all = (await done(store.getAll())).sort((one, other) => other.at - one.at);
    let bytes = 0;
    for (const { id, blob, small } of all) {
      bytes += blob.size + small.size;
      if (bytes > MOST_BYTES) store.delete(id);
    }
  });
}

/** What was kept under a name; null if it is gone. */
export async function find(id) {
  if (!here.has(id)) {
    const found = await attempt((store) => done(store.get(id)));
    if (found) here.set(id, found);
  }
  return here.get(id) ?? null;
}

/** Do something with the store, or nothing where the browser has none for this page, or no room. */
async function attempt(work) {
  try {
    const database = await (opening ??= open());
    return await work(database.transaction(STORE, "readwrite").objectStore(STORE));
  } catch {
    return null;
  }
}

function open() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
  return done(request);
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
