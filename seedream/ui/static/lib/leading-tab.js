// Of the tabs of one browser that show this page, one leads: it alone holds the line to the server, and tells the
// others what it hears. A browser opens six connections to a server over HTTP/1.1, for all of its tabs together.
//
// Where tabs can't agree, each leads itself while it is looked at: over plain HTTP a browser has no Web Locks, and it
// grants none to a frame that may store nothing.

import { newKey } from "./keys.js";

// The leader is heard at each of the server's beats, or says that it has lost the server. One that is silent for this
// long hangs, or was put to sleep.
const SILENT_MILLISECONDS = 45_000;

/**
 * Join the other tabs. `lead()` and `rest()` tell this tab when to begin and when to stop; `hear(message, tab)` is what
 * another one told.
 */
export function joinTabs(name, { lead, rest, hear }) {
  const me = newKey();
  let agreeing = Boolean(globalThis.BroadcastChannel && navigator.locks);
  let channel = null;
  let standing = null;
  let leading = false;
  let silence = 0;

  function begin() {
    leading = true;
    clearTimeout(silence);
    lead();
  }

  function stop() {
    if (!leading) return;
    leading = false;
    rest();
  }

  /** Wait for the lead, or take it from who has it, and hold it until it is given up or taken. */
  async function wait(steal) {
    const mine = (standing = new AbortController());
    const held = () => {
      if (mine.signal.aborted) return null;
      begin();
      return new Promise((resolve) => mine.signal.addEventListener("abort", resolve));
    };
    const how = steal ? { steal } : { signal: mine.signal };
    const fault = await navigator.locks.request(name, how, held).then(() => null, (error) => error);
    if (standing !== mine) return;
    // Anything else than that the lead was given up, or taken.
    if (fault && fault.name !== "AbortError") {
      agreeing = false;
      leadWhileSeen();
      return;
    }
    // Another tab has taken it.
    stop();
    wait(false);
    listenForSilence();
  }

  function leadWhileSeen() {
    if (!document.hidden) begin();
  }

  function withdraw() {
    standing?.abort();
    standing = null;
    clearTimeout(silence);
    stop();
  }

  function takeOver() {
    if (!standing || leading) return;
    standing.abort();
    wait(true);
  }

  function listenForSilence() {
    clearTimeout(silence);
    if (standing && !leading) silence = setTimeout(takeOver, SILENT_MILLISECONDS);
  }

  function onMessage({ data: { message, from } }) {
    listenForSilence();
    hear(message, from);
  }

  function connect() {
    if (!agreeing || channel) return;
    channel = new BroadcastChannel(name);
    channel.addEventListener("message", onMessage);
  }

  /** A tab that nobody looks at lets go; one that is looked at leads, for the other may be asleep. */
  function onVisibility() {
    if (agreeing) {
      if (!document.hidden) takeOver();
    } else if (standing) {
      if (document.hidden) stop();
      else if (!leading) leadWhileSeen();
    }
  }

  connect();
  document.addEventListener("visibilitychange", onVisibility);
  return {
    connect,
    leads: () => leading,
    tell: (message) => channel?.postMessage({ message, from: me }),
    /** Have a tab lead: this one, if no other does. */
    stand() {
      if (standing) return;
      if (agreeing) {
        wait(false);
        listenForSilence();
      } else {
        standing = new AbortController();
        leadWhileSeen();
      }
    },
    withdraw,
    /** Leave the other tabs, as a page does that may lie in the back-forward cache. */
    disconnect() {
      withdraw();
      channel?.close();
      channel = null;
    },
  };
}
