/** The natural code of an app that uses orval with fetch. */
import { createScreening, getExercise, getScreeningForm, listChanges, listExercises, putExercise } from "./gen/orval";

const [base, key] = process.argv.slice(2) as [string, string];
const plain = globalThis.fetch;
globalThis.fetch = (address, options) => plain(typeof address === "string" ? base + address : address, options);

const cursorOf = (next: string | null): string | undefined => new URLSearchParams(next?.split("?")[1]).get("cursor") ?? undefined;

const names: string[] = [];
let avoid = 0;
let cursor: string | undefined;
do {
  const page = await listExercises({ type: ["unstable"], limit: 2, view: "summary", cursor });
  if (page.status !== 200) throw new Error(`status ${page.status}`);
  names.push(...page.data.items.map((one) => `${one.suitability?.intensity_note ?? ""} ${one.name}`));
  avoid = page.data.avoid?.length ?? 0;
  cursor = cursorOf(page.data.next);
} while (cursor);

const wrong = await getExercise("no-such-exercise");
const code = wrong.status === 404 ? wrong.data.code : undefined;

const form = await getScreeningForm();
if (form.status !== 200) throw new Error(`status ${form.status}`);
const asked = form.data.questions.filter((one) => one.kind === "red-flag").map((one) => one.slug);
const screened = await createScreening({ asked, red_flags: [], symptoms: true, indicators: ["very-flexible"] });
if (screened.status !== 200) throw new Error(`status ${screened.status}`);

const read = await getExercise("pelvic-tilts");
if (read.status !== 200) throw new Error(`status ${read.status}`);
const first = read.data.dosages[0]?.reps?.min;
const written = await putExercise(
  "pelvic-tilts",
  { ...read.data, name: "Pelvic tilts (orval)" },
  { headers: { "If-Match": read.headers.get("ETag") ?? "", Authorization: `Bearer ${key}` } },
);

let changed = false;
do {
  const page = await listChanges({ since: 0, cursor });
  if (page.status !== 200) throw new Error(`status ${page.status}`);
  changed ||= page.data.items.some((one) => one.kind === "exercise" && one.record?.name === "Pelvic tilts (orval)");
  cursor = cursorOf(page.data.next);
} while (cursor);

const name = written.status === 200 ? written.data.name : undefined;
console.log(
  JSON.stringify({ listed: names.length, avoid, code, outcome: screened.data.outcome, dosed: typeof first, written: name, changed }),
);
