// The link to a job's result, to be passed on: with its prompt, or without.

import { notice } from "../form/notice.js";
import { hereOnly, resultLink } from "../form/setup-link.js";
import { copyButton } from "../lib/buttons.js";
import { wordsMenu } from "../lib/menu.js";
import { t } from "../lib/texts.js";

/**
 * What copies it, as a list: a button that opens the two choices or, where nobody knows the prompt, copies at once.
 * `tell(text)` says where the link leads, if that is not to others.
 */
export function copyLink({ request, record }, tell = notice) {
  if (!record.request_id) return [];
  const copies = (words, ...told) => {
    const link = () => {
      const where = hereOnly();
      if (where) tell(where);
      return resultLink(record, ...told);
    };
    return copyButton(words, link, { sentence: t("link.by_hand") });
  };
  if (!request) return [copies(t("link.result"))];
  const choices = [copies(t("link.with_prompt"), request), copies(t("link.without_prompt"))];
  const { button, tray } = wordsMenu(t("link.result"), choices);
  return [button, tray];
}
