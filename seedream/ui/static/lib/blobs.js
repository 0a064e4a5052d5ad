// Files that this browser keeps under names of their own, each kind within a bound. The page itself always has those that
// it was given; a browser that keeps nothing costs only what comes after it.

/**
 * What is kept in a `store` of a `database`, at most so many bytes; the oldest go first, but never what is `spared(id)`.
 * `keep({ id, … }, …)`, with blobs; `find(id)`: null if it is gone; `among(ids)`: those that there are; `all()`: each entry,
 * the newest first; `drop(id)`.
 */
export function kept({ database, store: name, mostBytes, spared = () => false }) {
  const here = new Map();
  let opening = null;

  /** Do something with the store, or nothing where the browser has none for this page, or no room. */
  async function attempt(work) {
    try {
      const opened = await (opening ??= open(database, name));
      return await work(opened.transaction(name, "readwrite").objectStore(name));
    } catch {
      return null;
    }
  }

  async function all() {
    const found = (await attempt((store) => done(store.getAll()))) ?? [];
    return found.map(withBlobs).sort((one, other) => other.at - one.at);
  }

  return {
    all,
    async keep(...entries) {
      for (const entry of entries) here.set(entry.id, entry);
      const at = Date.now();
      const put = (each) => attempt((store) => Promise.all(each.map((entry) => done(store.put({ ...entry, at })))));
      // A private window of Safari keeps no blobs, but bytes.
      if (!(await put(entries))) await put(await Promise.all(entries.map(inBytes)));
      let bytes = 0;
      const over = (await all()).filter((each) => (bytes += bytesOf(each)) > mostBytes && !spared(each.id));
      await attempt((store) => over.forEach(({ id }) => store.delete(id)));
    },
    async find(id) {
      if (!here.has(id)) {
        const found = await attempt((store) => done(store.get(id)));
        if (found) here.set(id, withBlobs(found));
      }
      return here.get(id) ?? null;
    },
    async among(ids) {
      const found = await attempt((store) => Promise.all(ids.map((id) => done(store.get(id)))));
      return (found ?? []).filter(Boolean).map(withBlobs);
    },
    async drop(id) {
      here.delete(id);
      await attempt((store) => done(store.delete(id)));
    },
  };
}

/** An entry with the bytes of its blobs in their place. */
async function inBytes(entry) {
  const plain = async (each) => (each instanceof Blob ? { bytes: await each.arrayBuffer(), type: each.type } : each);
  const values = Object.entries(entry).map(async ([name, each]) => [name, await plain(each)]);
  return Object.fromEntries(await Promise.all(values));
}

function withBlobs(entry) {
  const whole = (each) => (each?.bytes instanceof ArrayBuffer ? new Blob([each.bytes], { type: each.type }) : each);
  return Object.fromEntries(Object.entries(entry).map(([name, each]) => [name, whole(each)]));
}

function bytesOf(entry) {
  return Object.values(entry).reduce((sum, each) => sum + (each instanceof Blob ? each.size : 0), 0);
}

function open(database, store) {
  const request = indexedDB.open(database, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(store, { keyPath: "id" });
  return done(request);
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
