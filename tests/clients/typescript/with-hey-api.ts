/** The natural code of an app that uses @hey-api/openapi-ts. */
import { client } from "./gen/hey/client.gen";
import { createScreening, getExercise, getScreeningForm, listChanges, listExercises, putExercise } from "./gen/hey";

const [base, key] = process.argv.slice(2) as [string, string];
client.setConfig({ baseUrl: base, auth: () => key });

const cursorOf = (next: string | null): string | undefined => new URLSearchParams(next?.split("?")[1]).get("cursor") ?? undefined;

const names: string[] = [];
let avoid = 0;
let cursor: string | undefined;
do {
  const { data, error } = await listExercises({ query: { type: ["unstable"], limit: 2, view: "summary", cursor } });
  if (!data) throw new Error(error?.detail);
  names.push(...data.items.map((one) => `${one.suitability?.intensity_note ?? ""} ${one.name}`));
  avoid = data.avoid?.length ?? 0;
  cursor = cursorOf(data.next);
} while (cursor);

const wrong = await getExercise({ path: { slug: "no-such-exercise" } });
const code = wrong.error?.code;

const form = await getScreeningForm();
const asked = form.data?.questions.filter((one) => one.kind === "red-flag").map((one) => one.slug) ?? [];
const screened = await createScreening({ body: { asked, red_flags: [], symptoms: true, indicators: ["very-flexible"] } });
const outcome = screened.data?.outcome;

const read = await getExercise({ path: { slug: "pelvic-tilts" } });
if (!read.data) throw new Error(read.error?.detail);
const first = read.data.dosages[0]?.reps?.min;
const written = await putExercise({
  path: { slug: "pelvic-tilts" },
  headers: { "If-Match": read.response?.headers.get("ETag") ?? "" },
  body: { ...read.data, name: "Pelvic tilts (hey-api)" },
});

let changed = false;
do {
  const { data } = await listChanges({ query: { since: 0, cursor } });
  changed ||= data?.items.some((one) => one.kind === "exercise" && one.record?.name === "Pelvic tilts (hey-api)") ?? false;
  cursor = cursorOf(data?.next ?? null);
} while (cursor);

console.log(JSON.stringify({ listed: names.length, avoid, code, outcome, dosed: typeof first, written: written.data?.name, changed }));
