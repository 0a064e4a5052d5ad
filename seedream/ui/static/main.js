// What the gallery's component starts once Gradio has drawn it: the parts of the page, joined.

import { tellAccount } from "./form/account.js";
import { offerWayBack } from "./form/edit-prompt.js";
import { examples } from "./form/examples.js";
import { describeFields } from "./form/descriptions.js";
import { filler } from "./form/fill-and-undo.js";
import { offerHowMany } from "./form/how-many.js";
import { held } from "./form/kinds.js";
import { offerLogout } from "./form/logout.js";
import { notice, retract } from "./form/notice.js";
import { tellPrice } from "./form/price.js";
import { referencesOf, tokenOfResult } from "./lib/reference-tokens.js";
import { offerReferences } from "./form/references.js";
import { followLinks, offerLink } from "./form/setup-link.js";
import { tellSignedIn } from "./form/sign-in.js";
import { offerSizes } from "./form/sizes.js";
import { drawUnderPrompt } from "./form/under-prompt.js";
import * as values from "./form/values.js";
import { showGallery } from "./gallery/gallery.js";
import { tellRunning } from "./gallery/running.js";
import { offerSharedResult } from "./gallery/shared-result.js";
import { thumbnailsRead } from "./gallery/thumbnails.js";
import { tameDropdowns } from "./gradio/dropdowns.js";
import { followFrame } from "./gradio/frame.js";
import { aboutToGenerate, formPresent, generateByKeys, measureForm, onTyping, oneAtOnce, promptInput } from "./gradio/form.js";
import { openFromAddress, showHistory } from "./history/history.js";
import { takeFiles } from "./import/file-drop.js";
import { notify } from "./job/notify.js";
import { keepOnExit, reload, restored } from "./job/page-restore.js";
import * as jobs from "./job/store.js";
import { ONE_PRESS_MILLISECONDS, submission } from "./job/submission.js";
import { resume } from "./job/take-up.js";
import { prepareTicket } from "./job/ticket.js";
import { offerLanguages } from "./lib/language-switch.js";
import { learnFunds, refresh } from "./lib/funds.js";
import { own, payer } from "./lib/payer.js";
import { learnPrices } from "./lib/prices.js";
import { setSettings, settings } from "./lib/settings.js";
import { sizeLike } from "./lib/shapes.js";
import { arrive, sentence, t } from "./lib/texts.js";
import { endShell, sheetsPresent } from "./shell/shell.js";

// What Gradio asks for when it is to set the controls.
export const filling = values.filling;

/**
 * Start the page. `root` is the gallery's element; `props` has the `settings`, and as it comes what the controls
 * have `held` and, as `value`, what they held at each press of the button; `watch` hears of both. `fill()` has
 * Gradio set the controls, and `server` is asked by the component's functions.
 */
export async function start({ element: root, props, watch, fill, server }) {
  setSettings(props.settings);
  followFrame();
  await Promise.all([arrive(), formPresent(), sheetsPresent(), thumbnailsRead()]);
  const before = restored();
  const { press, send, cancel } = submission(server);
  const form = filler();
  let linked = {};
  const fillAndShow = (request, words, other) => {
    looked.end();
    form.fill(request, words, other);
    promptInput().focus();
  };
  const use = (request) => fillAndShow(request, t("fill.filled"));
  const starts = examples(form.fill);

  holdValues({ props, watch, fill, before });
  drawUnderPrompt(starts, form);
  const references = offerReferences();
  offerSizes();
  offerHowMany();
  describeFields();
  learnPrices(() => server.price(payer()));
  tellPrice();
  tellAccount((token) => server.seal_token({ token }));
  learnFunds(server);
  offerLink();
  if (settings.login) offerLogout();
  if (settings.sign_in) tellSignedIn();
  takeFiles({ fill: fillAndShow, tell: form.tell, start: references?.add });
  followLinks((request) => {
    linked = request;
    form.fill(request, "");
  });
  tameDropdowns();
  generateByKeys();
  oneAtOnce(ONE_PRESS_MILLISECONDS);
  aboutToGenerate(prepareTicket);
  measureForm();
  offerWayBack(root);

  const change = references && ((job, index) => {
    const { output_format: format } = job.request ?? {};
    const picture = job.pictures[index];
    const size = { [settings.shape_field]: sizeLike(job.request, picture) };
    const start = { [settings.edit.field]: [tokenOfResult(picture.signed)] };
    fillAndShow({ prompt: "", output_format: format, ...size, ...start }, t("fill.change", { button: t("form.generate") }));
  });
  const looked = offerSharedResult(root, { prompt: linked.prompt, make: () => promptInput().focus() });
  const forget = (job) => list.forget(job);
  const view = showGallery(root, { cancel, send, press, vary: use, change, forget, welcome: starts.pictures });
  jobs.listen((job, change) => change === "record" && job.record.ended && refresh());
  const list = showHistory(root, { use, press, cancel, own, view });
  endShell();
  notify();
  tellRunning();
  resume(looked.alone ? [] : before?.shown);
  openFromAddress(own());
  let refused = null;
  takePresses({ props, watch }, async (held) => {
    const count = values.alternatives();
    const coming = references?.ready();
    const unfit = await coming;
    if (unfit) {
      notice(unfit);
      return;
    }
    const request = coming ? { ...held, ...broughtAlong(values.now()) } : held;
    // From now on it is no longer so that nothing was sent.
    form.tell("");
    const error = values.refusal(request);
    if (!error) {
      references?.pressed();
      press(request, { count });
      return;
    }
    refused = sentence(error);
    notice(refused);
    promptInput().focus();
  });
  values.listen(() => {
    const error = values.refusal(values.now());
    if (!error || sentence(error) !== refused) retract(refused);
  });
  await offerLanguages(() => reload(values.left(), true), before?.focus);
}

/** Know what the form holds from now on, and put back what was in it when the page was left. */
function holdValues({ props, watch, fill, before }) {
  values.begin(fill);
  values.typed("prompt", promptInput().value);
  if (props.held) values.heard(props.held);
  onTyping(values.typed);
  watch("held", () => values.heard(props.held));
  // Who was quicker than this script has the word, and what is no longer on offer stays away.
  const fit = settings.fields.filter((field) => {
    const last = before?.values[field.name];
    return values.isFirst(field.name, values.now()[field.name]) && last !== undefined && held(field, last) === last;
  });
  const references = referencesOf(before?.values);
  const left = references.length ? { [settings.edit.field]: references } : {};
  if (settings.alternatives.includes(before?.alternatives)) values.setAlternatives(before.alternatives);
  values.put({ ...Object.fromEntries(fit.map(({ name }) => [name, before.values[name]])), ...left });
  keepOnExit(values.left);
}

/** What the form has got by pictures that were still on their way in: themselves, and their shape. */
function broughtAlong(now) {
  const size = settings.shape_field && { [settings.shape_field]: now[settings.shape_field] };
  return { ...size, [settings.edit.field]: referencesOf(now) };
}

/** Take each press of the button. Before this script was there, nobody knew of the form but Gradio. */
function takePresses({ props, watch }, generate) {
  watch("value", () => generate(values.now()));
  for (const held of props.value || []) generate(values.named(held));
}
