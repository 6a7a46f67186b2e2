/** Forms as they are begun, filled in, finished; each step is kept before anything else happens. */

import { base, RUN } from "./clock";
import { describe } from "./pictures";
import * as store from "./store";
import type { Field, Form, Kept, Kind, Point, Position, Registration } from "./types";
import { setting } from "./page";

const SEEN = ["name", "stage", "lon", "lat", "merged_into", "removed_on"] as const;

/** What a form is about: a point, a place found but not yet sent, a visit or a sample. */
export interface About {
  point?: Point;
  form?: Kept;
}

function identifier(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}

export function formOf(kind: Kind): Form {
  return setting.forms.find((form) => form.id === kind)!;
}

export function isAsked(field: Field, fields: Record<string, unknown>): boolean {
  return !field.when || fields[field.when[0]] === field.when[1];
}

/** The fields that are asked for and still empty. */
export function missing(kept: Kept): Field[] {
  return formOf(kept.kind).field.filter((field) => {
    const value = kept.fields[field.name];
    const empty = value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
    return field.required && isAsked(field, kept.fields) && empty;
  });
}

export async function begin(kind: Kind, about: About, registration: Registration | undefined): Promise<Kept> {
  const made = await blank(kind, about, registration);
  for (const field of formOf(kind).field) {
    if (field.initial) made.fields[field.name] = field.initial;
    if (field.type === "people") made.fields[field.name] = (await store.fact<string[]>("people")) ?? [];
  }
  const counties = registration?.counties ?? [];
  if (kind === "discovery") made.fields["division"] = (await store.fact<string>("county")) ?? counties[0]?.division ?? "";
  await store.saveForms(made);
  return made;
}

async function blank(kind: Kind, about: About, registration: Registration | undefined): Promise<Kept> {
  const all = await store.forms();
  const last = all[all.length - 1];
  const { point, form } = about;
  return {
    client_id: identifier(),
    kind,
    state: "draft",
    number: (last?.number ?? 0) + 1,
    user: registration?.user.id ?? "",
    title: point?.name ?? form?.title ?? "",
    parent: "",
    fields: {},
    outfall: point?.id ?? form?.outfall ?? "",
    links: linksTo(form),
    seen: point ? Object.fromEntries(SEEN.map((name) => [name, point[name]])) : {},
    position: null,
    made_at: Date.now(),
    clock_base: base(),
    run: RUN,
    clock_changed: 0,
    frozen: false,
    contact: (await store.fact<number>("contact")) ?? null,
    former: last?.made_at ?? null,
    picture: null,
    reason: null,
    differences: [],
    flags: [],
  };
}

function linksTo(form: Kept | undefined): Kept["links"] {
  if (!form) return {};
  if (form.kind === "discovery") return { discovery: form.client_id };
  if (form.kind === "visit") return { ...form.links, visit: form.client_id };
  return form.kind === "sample" ? { ...form.links, sample: form.client_id } : { ...form.links };
}

export async function addPicture(parent: Kept, file: File, kind: string, position: Position | null): Promise<Kept> {
  const made = await blank("photograph", { form: parent }, undefined);
  made.user = parent.user;
  made.parent = parent.client_id;
  made.fields = { kind };
  made.position = position;
  made.picture = await describe(file);
  await store.savePicture(made, file);
  return made;
}

export async function picturesOf(parent: Kept): Promise<Kept[]> {
  return (await store.forms()).filter((kept) => kept.parent === parent.client_id);
}

/** A draft is finished: it waits to be sent, with its photographs. */
export async function finish(kept: Kept, user: string): Promise<void> {
  const title = kept.kind === "discovery" ? String(kept.fields["name"] ?? "") : kept.title;
  const ready = { state: "waiting" as const, user: kept.user || user, frozen: false, reason: null };
  const pictures = (await picturesOf(kept)).filter((picture) => picture.state === "draft");
  await store.saveForms({ ...kept, ...ready, title }, ...pictures.map((picture) => ({ ...picture, ...ready, title })));
  const people = kept.fields["people"] ?? kept.fields["samplers"];
  if (Array.isArray(people)) await store.setFact("people", people);
}

export async function discard(kept: Kept): Promise<void> {
  for (const picture of await picturesOf(kept)) await store.removeForm(picture.client_id);
  await store.removeForm(kept.client_id);
}

/** A week after the server took them in, forms leave the device. */
export async function tidy(): Promise<void> {
  const old = Date.now() - 7 * 24 * 3600 * 1000;
  for (const kept of await store.forms()) {
    if (["sent", "set_aside"].includes(kept.state) && kept.made_at < old) await store.removeForm(kept.client_id);
  }
}
