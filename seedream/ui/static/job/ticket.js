// The ticket of a press says which process may take it, or which replicas together. A copy of the press that a browser
// sends by itself, after its connection broke, spends nothing where it comes elsewhere.

// A process that ended meanwhile, or a Redis that lost what it held, makes a ticket worth nothing: it is asked for as
// somebody is about to press.
const HOLDS_MILLISECONDS = 2000;
const PATIENCE_MILLISECONDS = 10_000;

let held = null;
let asking = null;

/** Ask for a ticket, unless the one at hand still holds: somebody may be about to press. */
export function prepareTicket() {
  // A clock that leapt tells no age.
  if (held && Math.abs(Date.now() - held.at) >= HOLDS_MILLISECONDS) held = null;
  if (!held) asking ??= ask().finally(() => (asking = null));
}

/** A ticket that holds, or why there is none. Then nothing was sent. */
export async function takeTicket() {
  prepareTicket();
  return held ?? (await asking);
}

async function ask() {
  const at = Date.now();
  try {
    // A POST, so that whatever would keep the press from the page's server keeps this from it, and is told.
    const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
    const answer = await fetch("atelier/ticket", { method: "POST", signal });
    const told = await answer.json();
    if (told.error) return told;
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    held = { ...told, at };
    return held;
  } catch {
    return { error: { code: "not_sent" } };
  }
}
