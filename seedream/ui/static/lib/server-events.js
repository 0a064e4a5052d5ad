// Server-sent events over a POST: unlike the browser's EventSource, it sends a body, so that what opens a visitor's
// account never stands in an address, and it hears the server's beat.

// The server gives a sign of life every 15 s: a connection that is silent for this long is dead.
const SILENT_MILLISECONDS = 40_000;

/**
 * Yield the events of an answer as `{ name, data }`, the first, `open`, as soon as it begins, and a `beat` at each sign
 * of life. Throws when the connection is lost, silent for too long, or refused: then the error has a `status`.
 */
export async function* serverEvents(url, body, signal) {
  const silent = new AbortController();
  let timer = 0;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silent.abort(), SILENT_MILLISECONDS);
  };
  const stop = () => silent.abort();
  signal.addEventListener("abort", stop);
  alive();
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal: silent.signal });
    if (!answer.ok) throw Object.assign(new Error(`HTTP ${answer.status}`), { status: answer.status });
    yield { name: "open" };
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      const blocks = (text + value).split(/\r?\n\r?\n/);
      text = blocks.pop();
      yield* blocks.map(event);
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    silent.abort();
  }
}

function event(block) {
  const lines = block.split(/\r?\n/).map((line) => line.match(/^(\w+): (.*)$/)).filter(Boolean);
  const { event: name = "beat", data } = Object.fromEntries(lines.map(([, field, value]) => [field, value]));
  return { name, data: data && JSON.parse(data) };
}
