// Which jobs a visitor has starred, in this browser: what is starred is never dropped to make room.

import { keptList, remember } from "../lib/store.js";

const NAME = "seedream.starred";

/** Whether the job with this key is starred. */
export function isStarred(key) {
  return keptList(NAME).includes(key);
}

/** Star a job, or take its star back; tell whether it has one now. */
export function toggleStar(key) {
  const before = keptList(NAME);
  const has = !before.includes(key);
  remember(NAME, JSON.stringify(has ? [...before, key] : before.filter((each) => each !== key)));
  return has;
}
