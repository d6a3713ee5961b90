/** The natural code of an app that uses openapi-typescript and openapi-fetch. */
import createClient from "openapi-fetch";
import type { components, paths } from "./gen/fetch";

const [base, key] = process.argv.slice(2) as [string, string];
const library = createClient<paths>({ baseUrl: base });

type Change = components["schemas"]["LibraryChange"];

/** Name what a change is about; each kind has a record of its own. */
function headline(change: Change): string {
  switch (change.kind) {
    case "exercise":
      return change.record?.name ?? `${change.slug} is retired`;
    case "source":
      return change.record?.citation ?? change.slug;
    default:
      return change.slug;
  }
}

const { data, error } = await library.GET("/exercises", { params: { query: { type: ["unstable"], limit: 2, view: "summary" } } });
if (!data) throw new Error(error.detail);
const names = data.items.map((one) => `${one.suitability?.intensity_note ?? ""} ${one.name} ${one.image?.url}`);
const avoid = data.avoid?.map((one) => `${one.name}: ${one.reason}`) ?? [];

let next = data.next;
while (next) {
  const cursor = new URLSearchParams(next.split("?")[1]).get("cursor") ?? "";
  const page = await library.GET("/exercises", { params: { query: { type: ["unstable"], limit: 2, view: "summary", cursor } } });
  names.push(...(page.data?.items ?? []).map((one) => one.name));
  next = page.data?.next ?? null;
}

const wrong = await library.GET("/exercises/{slug}", { params: { path: { slug: "no-such-exercise" } } });
const code = wrong.error?.code;

const form = await library.GET("/screenings/form");
const asked = form.data?.questions.filter((one) => one.kind === "red-flag").map((one) => one.slug) ?? [];
const screened = await library.POST("/screenings", { body: { asked, red_flags: [], symptoms: true, indicators: ["very-flexible"] } });
const outcome = screened.data?.outcome;

const read = await library.GET("/exercises/{slug}", { params: { path: { slug: "pelvic-tilts" } } });
if (!read.data) throw new Error(read.error.detail);
const first = read.data.dosages[0]?.reps?.min;
const written = await library.PUT("/exercises/{slug}", {
  params: { path: { slug: "pelvic-tilts" }, header: { "If-Match": read.response.headers.get("ETag") ?? "" } },
  headers: { Authorization: `Bearer ${key}` },
  body: { ...read.data, name: "Pelvic tilts (openapi-fetch)" },
});

const headlines: string[] = [];
let cursor: string | undefined;
do {
  const page = await library.GET("/changes", { params: { query: { since: 0, cursor } } });
  if (!page.data) throw new Error(page.error.detail);
  headlines.push(...page.data.items.map(headline));
  cursor = new URLSearchParams(page.data.next?.split("?")[1]).get("cursor") ?? undefined;
} while (cursor);

const changed = headlines.includes("Pelvic tilts (openapi-fetch)");
console.log(JSON.stringify({ listed: names.length, avoid: avoid.length, code, outcome, dosed: typeof first, written: written.data?.name, changed }));
