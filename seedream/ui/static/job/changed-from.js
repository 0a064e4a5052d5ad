// What a job was changed from: its references, small, on its card; and where in the gallery it stands, under the job whose
// picture it changed.

import { referencesOf, resultOf, smallAt } from "../lib/reference-tokens.js";
import { element } from "../lib/elements.js";
import { t } from "../lib/texts.js";

/** The row of small pictures, and `update(job)`. */
export function changedFrom() {
  const root = element("p", { class: "job-from", hidden: true });
  let drawn = "";
  const update = ({ request }) => {
    const tokens = referencesOf(request);
    if (drawn === JSON.stringify(tokens)) return;
    drawn = JSON.stringify(tokens);
    root.hidden = !tokens.length;
    root.replaceChildren(t("reference.from"), ...tokens.map(small));
  };
  return { root, update };
}

/** The request ID of the job whose picture this one changes; undefined where it changes none of this page's. */
export function parentOf({ request }) {
  return referencesOf(request).map((token) => resultOf(token)?.requestId).find(Boolean);
}

function small(token, index) {
  const image = element("img", { class: "job-from-picture", alt: t("reference.number", { number: index + 1 }), referrerpolicy: "no-referrer", hidden: true });
  smallAt(token).then((address) => {
    if (!address) return;
    image.src = address;
    image.hidden = false;
  });
  return image;
}
