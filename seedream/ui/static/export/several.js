// What can be taken along of several pictures, of whatever jobs: their originals as one ZIP, and their list as a text.

import { thumbnail } from "../gallery/thumbnails.js";
import { resultLink } from "../form/setup-link.js";
import { current } from "../job/addresses.js";
import { brought } from "../job/brought.js";
import { promptOf } from "../job/status-text.js";
import { Refusal } from "../lib/buttons.js";
import { language, number, t } from "../lib/texts.js";
import { dayOf, factsOf, numbered } from "./exports.js";
import { saveZip } from "./zip.js";

// As the server takes them (routes.py).
const MOST_IN_ZIP = 100;

/** Save the originals at these places, `{ job, index }`; `failed(sentence)` hears of it later. Promise a sentence on what lacks. */
export async function zipOfSeveral(places, failed) {
  if (places.length > MOST_IN_ZIP) throw new Refusal(t("selection.zip_most", { limit: MOST_IN_ZIP }));
  const here = (await brought(places)).filter(({ job, index }) => job.pictures[index]?.signed);
  if (!here.length) throw new Refusal(t("export.not_fetched"));
  const own = [...new Set(here.map(({ job }) => job))];
  saveZip(own, () => archiveOf(here), () => failed(t("export.not_fetched")));
  const lacks = places.length - here.length;
  return lacks ? t("selection.lacks", { count: lacks }) : "";
}

/** What the server makes the ZIP of: the files in their order, and whose they are. */
function archiveOf(places) {
  const named = places.map(({ job, index }, place) => ({
    job: current(job),
    index,
    name: `${String(place + 1).padStart(2, "0")}-${numbered(job, index)}`,
  }));
  const files = named.map(({ job, index, name }) => [job.pictures[index]?.signed, name]).filter(([signed]) => signed);
  const namesOf = (job) => named.filter((each) => each.job === job).map(({ name }) => name);
  const told = [...new Set(named.map(({ job }) => job))].map((job) => ({ ...factsOf(job), files: namesOf(job) }));
  return { files, about: { name: `${dayOf(Date.now())}-seedream`, jobs: told } };
}

/** The list as a text: of each picture its prompt, its day, where it is, and its request ID. */
export function listText(places) {
  const day = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
  const lines = places.map(({ job, index }, place) => {
    const { record, at } = job;
    const known = thumbnail(job.key, index)?.source ?? current(job).pictures?.[index]?.url;
    return [
      `${number(place + 1)}. ${promptOf(job)}`,
      day.format(at),
      known ?? (record.request_id && resultLink(record)),
      record.request_id && `${t("job.request_id")}: ${record.request_id}`,
    ]
      .filter(Boolean)
      .join("\n");
  });
  return lines.join("\n\n");
}
