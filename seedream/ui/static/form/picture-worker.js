// The worker that `picture-fit.js` runs in.

import { fit } from "./picture-fit.js";

self.addEventListener("message", async ({ data: { number, file, limits } }) => {
  const found = await fit(file, limits).catch(() => ({ code: "reference_not_a_picture" }));
  self.postMessage({ number, found });
});
