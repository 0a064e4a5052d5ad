// By what a job is found where the page can't find it: at RunComfy, or in the log of whoever runs the page.

import { copyButton } from "../lib/buttons.js";
import { element } from "../lib/elements.js";
import { t } from "../lib/texts.js";

/** Say it in `root`: its request ID or, as long as it has none, its key. */
export function nameBy(root, { key, record: { request_id: requestId } }) {
  const name = requestId ?? key;
  if (root.dataset.name === name) return;
  root.dataset.name = name;
  const words = t(requestId ? "job.request_id" : "job.key");
  root.replaceChildren(`${words} `, element("code", {}, name), " ", copyButton(t("job.copy"), () => name));
}
