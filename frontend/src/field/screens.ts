/** The screens: points, map, one point, one form, what waits, the device. */

import { drawFields } from "./fields";
import * as host from "./host";
import * as making from "./making";
import { PointMap } from "./map";
import { bytes, button, element, label, language, link, moment, say, setting, tell, turnLanguage, word } from "./page";
import { isPhotograph } from "./pictures";
import { locate, metres } from "./place";
import * as store from "./store";
import type { Kept, Kind, Point, Position, Registration } from "./types";
import { unsent } from "./file";

const MOST_SHOWN = 60;

/** What the screens ask of the page around them. */
export interface Around {
  registration: () => Registration | undefined;
  go: (where: string) => void;
  redraw: () => void;
  /** Send what waits; `asked` where a person pressed for it. */
  send: (asked: boolean) => Promise<void>;
  register: () => Promise<void>;
  download: (division: string, town: string, told: (count: number) => void) => Promise<void>;
}

let last: Position | null = null;

function fault(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// -- points ---------------------------------------------------------------------------------------------

interface Listed {
  point: Point;
  away: number | null;
}

function nearest(points: Point[], text: string): Listed[] {
  const wanted = text.trim().toLowerCase();
  const fitting = points.filter((point) => `${point.name} ${point.code} ${point.address}`.toLowerCase().includes(wanted));
  const from = last && { lon: Number(last.lon), lat: Number(last.lat) };
  return fitting
    .map((point) => ({ point, away: from && point.lon ? metres(from, { lon: Number(point.lon), lat: Number(point.lat) }) : null }))
    .sort((a, b) => (a.away ?? Infinity) - (b.away ?? Infinity) || a.point.code.localeCompare(b.point.code));
}

function distance(away: number): string {
  return away < 10_000 ? word("distance", { metres: Math.round(away) }) : `${Math.round(away / 1000)} km`;
}

function pointCard({ point, away }: Listed, around: Around): HTMLElement {
  const facts = [point.code, point.due && `${word("due")} ${point.due}`, away !== null && distance(away)];
  return element("button", { type: "button", className: "field-card", onclick: () => around.go(`point/${point.id}`) },
    element("strong", { textContent: point.name }),
    element("span", { textContent: facts.filter(Boolean).join(" · ") }));
}

/** Places found on this device that the server does not know yet. */
async function foundHere(): Promise<Kept[]> {
  return (await store.forms()).filter((kept) => kept.kind === "discovery" && !["draft", "sent", "set_aside"].includes(kept.state));
}

export async function pointsScreen(around: Around): Promise<HTMLElement> {
  const points = await store.points();
  const list = element("div", { className: "field-cards" });
  const search = element("input", { type: "search", className: "field-input", placeholder: word("search"), ariaLabel: word("search") });
  const draw = (): void => {
    const found = nearest(points, search.value);
    list.replaceChildren(...found.slice(0, MOST_SHOWN).map((listed) => pointCard(listed, around)));
    if (found.length > MOST_SHOWN) list.append(element("p", { className: "field-quiet", textContent: word("more_points", { n: MOST_SHOWN }) }));
    if (!points.length) list.append(element("p", { className: "field-quiet", textContent: word("nothing_here") }));
  };
  search.oninput = draw;
  draw();
  void locate().then((position) => {
    last = position;
    draw();
  }, () => undefined);
  const own = (await foundHere()).map((kept) => element("button", { type: "button", className: "field-card is-new", onclick: () => around.go(`found/${kept.client_id}`) },
    element("strong", { textContent: kept.title }), element("span", { textContent: word("new_point") })));
  return element("div", {}, button(word("discover"), () => void start("discovery", {}, around), "is-main"), search, ...own, list);
}

async function start(kind: Kind, about: making.About, around: Around): Promise<void> {
  const kept = await making.begin(kind, about, around.registration());
  around.go(`form/${kept.client_id}`);
}

// -- one place ------------------------------------------------------------------------------------------

export async function pointScreen(id: string, around: Around): Promise<HTMLElement> {
  const point = (await store.points()).find((one) => one.id === id);
  if (!point) return element("p", { textContent: word("nothing_here") });
  const about = { point };
  const facts = [point.code, point.address, point.landmark, point.due && `${word("due")} ${point.due}`, point.lon && `${point.lon}, ${point.lat}`];
  const samples = (await store.forms()).filter((kept) => kept.kind === "sample" && kept.outfall === id && kept.state !== "draft");
  return element("div", {}, element("h2", { textContent: point.name }),
    ...facts.filter(Boolean).map((fact) => element("p", { className: "field-quiet", textContent: fact })),
    ...begins(about, samples, around));
}

export async function foundScreen(clientId: string, around: Around): Promise<HTMLElement> {
  const form = await store.form(clientId);
  if (!form) return element("p", { textContent: word("nothing_here") });
  const samples = (await store.forms()).filter((kept) => kept.kind === "sample" && kept.links.discovery === clientId && kept.state !== "draft");
  return element("div", {}, element("h2", { textContent: form.title }),
    element("p", { className: "field-quiet", textContent: word("new_point") }), ...begins({ form }, samples, around));
}

function begins(about: making.About, samples: Kept[], around: Around): HTMLElement[] {
  const may = around.registration()?.may_sample !== false;
  const visit = button(word("visit"), () => void start("visit", about, around), "is-main");
  if (!may) return [visit];
  const hand = samples.map((sample) => {
    const name = `${word("custody")} ${String(sample.fields["number"] ?? "")}`;
    return button(name, () => void start("custody", { form: sample }, around));
  });
  return [visit, button(word("sample"), () => void start("sample", about, around), "is-main"), ...hand];
}

// -- one form -------------------------------------------------------------------------------------------

export async function formScreen(clientId: string, around: Around): Promise<HTMLElement> {
  const kept = await store.form(clientId);
  if (!kept) return element("p", { textContent: word("queue_empty") });
  return kept.state === "draft" ? draftScreen(kept, around) : keptScreen(kept, around);
}

async function draftScreen(kept: Kept, around: Around): Promise<HTMLElement> {
  const title = label(making.formOf(kept.kind));
  const saved = element("p", { className: "field-quiet", role: "status", textContent: word("saved") });
  const fields = element("div", { className: "field-fields" });
  const save = async (): Promise<void> => {
    try {
      await store.saveForms(kept);
    } catch (error) {
      tell(word("no_storage", { fault: fault(error) }), "bad");
    }
  };
  const draw = (): void => {
    fields.replaceChildren(...drawFields(kept, making.formOf(kept.kind).field, around.registration(), (redraw) => {
      void save();
      if (redraw) draw();
    }));
  };
  draw();
  const page = element("div", {}, element("h2", { textContent: kept.title ? `${title} · ${kept.title}` : title }), saved);
  if (kept.reason) page.append(reason(kept));
  if (kept.kind !== "custody") page.append(positionPart(kept, save));
  page.append(fields);
  if (kept.kind !== "custody") page.append(await picturesPart(kept, around));
  page.append(...endings(kept, around));
  return page;
}

function endings(kept: Kept, around: Around): HTMLElement[] {
  const finish = async (): Promise<void> => {
    const open = making.missing(kept);
    if (open.length) {
      tell(word("missing", { fields: open.map(label).join("、") }), "bad");
      document.querySelector(`[data-name="${open[0]!.name}"]`)?.scrollIntoView({ block: "center" });
      return;
    }
    await making.finish(kept, around.registration()?.user.id ?? "");
    around.go("queue");
    void around.send(false);
  };
  const discard = async (): Promise<void> => {
    if (!confirm(word("discard_sure"))) return;
    await making.discard(kept);
    around.go("queue");
  };
  const parts = [button(word("finish"), () => void finish(), "is-main")];
  // what the server has once seen is kept; only what never left the device can be thrown away here
  if (!kept.frozen) parts.push(button(word("discard"), () => void discard(), "is-quiet"));
  return parts;
}

function positionPart(kept: Kept, save: () => Promise<void>): HTMLElement {
  const text = element("span", { role: "status" });
  const show = (): void => {
    const { position } = kept;
    const poor = position && Number(position.accuracy) > setting.limits.poor_accuracy;
    text.textContent = position
      ? `${position.lon}, ${position.lat} · ${word("accuracy", { metres: Math.round(Number(position.accuracy)) })}${poor ? ` · ${word("poor_position")}` : ""}`
      : word("no_position");
    text.className = !position || poor ? "is-bad" : "is-good";
  };
  const find = async (): Promise<void> => {
    text.textContent = word("locating");
    try {
      kept.position = last = await locate();
      await save();
      show();
    } catch (error) {
      show();
      text.textContent = word("no_gps", { fault: fault(error) });
      text.className = "is-bad";
    }
  };
  show();
  if (!kept.position) void find();
  return element("section", { className: "field-position" }, element("strong", { textContent: word("position") }), text,
    button(word("locate"), () => void find(), "is-small"));
}

async function picturesPart(kept: Kept, around: Around): Promise<HTMLElement> {
  const shown = element("div", { className: "field-pictures" });
  const kinds = making.formOf("photograph").field.find((field) => field.name === "kind")?.choice ?? [];
  const kind = element("select", { className: "field-input", ariaLabel: word("photos") });
  kind.append(...kinds.map((choice) => element("option", { value: choice.value, textContent: label(choice) })));
  const input = element("input", { type: "file", accept: "image/jpeg,image/png", className: "field-file", id: "field-picture" });
  input.setAttribute("capture", "environment");
  const draw = async (): Promise<void> => {
    shown.replaceChildren(...(await Promise.all((await making.picturesOf(kept)).map((one) => pictureCard(one, kinds, draw)))));
  };
  input.onchange = async () => {
    for (const file of input.files ?? []) await takePicture(kept, file, kind.value);
    input.value = "";
    await draw();
  };
  await draw();
  const take = element("label", { className: "field-button is-main", htmlFor: input.id, textContent: word("photograph") });
  void around;
  return element("section", {}, element("h3", { textContent: word("photos") }), shown, kind, input, take);
}

async function takePicture(kept: Kept, file: File, kind: string): Promise<void> {
  if (!isPhotograph(file)) return tell(word("not_jpeg"), "bad");
  const most = setting.limits.photograph;
  if (file.size > most) return tell(word("too_large", { limit: most / 2 ** 20 }), "bad");
  try {
    const position = await locate(8).catch(() => null);
    if (position) last = position;
    await making.addPicture(kept, file, kind, position);
    tell(word("photo_saved"), "good");
  } catch (error) {
    tell(word("no_photo", { fault: fault(error) }), "bad");
  }
}

async function pictureCard(one: Kept, kinds: { value: string; label_zh: string; label_en: string }[], draw: () => Promise<void>): Promise<HTMLElement> {
  const content = await store.picture(one.client_id);
  const name = kinds.find((choice) => choice.value === one.fields["kind"]);
  const card = element("figure", { className: "field-picture" });
  if (content) {
    const url = URL.createObjectURL(content);
    card.append(element("img", { src: url, alt: name ? label(name) : "", onload: () => URL.revokeObjectURL(url) }));
  }
  const state = one.state === "draft" ? "" : ` · ${word(one.state)}`;
  card.append(element("figcaption", { textContent: `${name ? label(name) : ""} ${moment(one.made_at)}${state}` }));
  if (one.state === "draft") card.append(button(word("remove"), () => void store.removeForm(one.client_id).then(draw), "is-small"));
  return card;
}

// -- what was finished ----------------------------------------------------------------------------------

function reason(kept: Kept): HTMLElement {
  const box = element("div", { className: "field-notice is-bad", role: "alert" });
  if (kept.reason) {
    const { what, remedy, problems } = kept.reason;
    box.append(element("p", { textContent: `${say(what)} ${remedy ? say(remedy) : ""}` }));
    for (const problem of problems ?? []) box.append(element("p", { textContent: say(problem.what) }));
  }
  for (const change of kept.differences) {
    const shown = { field: say(change.label), seen: change.seen || "—", now: change.now || "—" };
    box.append(element("p", { textContent: word(change.field === "near" ? "near_point" : "changed_field", shown) }));
  }
  return box;
}

async function keptScreen(kept: Kept, around: Around): Promise<HTMLElement> {
  const form = making.formOf(kept.kind);
  const page = element("div", {}, element("h2", { textContent: `${label(form)} · ${kept.title}` }),
    element("p", {}, stateOf(kept)));
  if (kept.reason || kept.differences.length) page.append(reason(kept));
  if (kept.flags.length) page.append(element("p", { className: "field-quiet", textContent: `${word("flagged")}: ${kept.flags.map(say).join("、")}` }));
  if (kept.state === "refused") {
    const correct = async (): Promise<void> => {
      await store.saveForms({ ...kept, state: "draft" });
      around.redraw();
    };
    page.append(button(word("correct"), () => void correct(), "is-main"));
  }
  const kinds = making.formOf("photograph").field.find((field) => field.name === "kind")?.choice ?? [];
  for (const one of await making.picturesOf(kept)) page.append(await pictureCard(one, kinds, async () => around.redraw()));
  if (kept.kind === "sample" && kept.state !== "set_aside") page.append(button(word("custody"), () => void start("custody", { form: kept }, around)));
  return page;
}

function stateOf(kept: Kept): HTMLElement {
  return element("span", { className: `field-state is-${kept.state}`, textContent: word(kept.state) });
}

export async function queueScreen(around: Around): Promise<HTMLElement> {
  const all = (await store.forms()).filter((kept) => !kept.parent).reverse();
  const cards = await Promise.all(all.map(async (kept) => {
    const pictures = await making.picturesOf(kept);
    const home = pictures.filter((one) => one.state === "sent").length;
    const count = pictures.length ? ` · ${word("photos")} ${kept.state === "draft" ? pictures.length : `${home}/${pictures.length}`}` : "";
    return element("button", { type: "button", className: "field-card", onclick: () => around.go(`form/${kept.client_id}`) },
      element("strong", { textContent: `${label(making.formOf(kept.kind))} ${kept.title}` }),
      element("span", {}, stateOf(kept), ` ${moment(kept.made_at)}${count}`));
  }));
  if (!cards.length) cards.push(element("p", { className: "field-quiet", textContent: word("queue_empty") }) as never);
  return element("div", {}, button(word("send_now"), () => void around.send(true), "is-main"), element("div", { className: "field-cards" }, ...cards),
    button(word("export"), () => void exportFile(), "is-quiet"));
}

async function exportFile(): Promise<void> {
  const { content, count } = await unsent();
  const url = URL.createObjectURL(content);
  const stamp = new Date().toISOString().slice(0, 16).replace(/[-:T]/g, "");
  element("a", { href: url, download: `bishui-field-${stamp}.zip` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  tell(word("exported", { n: count }), "good");
}

// -- map ------------------------------------------------------------------------------------------------

export async function mapScreen(around: Around): Promise<HTMLElement> {
  const map = new PointMap(await store.points(), (point) => around.go(`point/${point.id}`));
  const show = async (go: boolean): Promise<void> => {
    last = await locate();
    map.showHere(Number(last.lon), Number(last.lat), Number(last.accuracy), go);
  };
  const bar = element("div", { className: "field-add" },
    button(word("here"), () => void show(true).catch((error: unknown) => tell(word("no_gps", { fault: fault(error) }), "bad")), "is-small"),
    button("＋", () => map.zoom(0.6), "is-small"), button("－", () => map.zoom(1.6), "is-small"));
  requestAnimationFrame(() => {
    map.fit();
    void show(false).catch(() => undefined);
  });
  return element("div", { className: "field-map-page" }, bar, map.canvas);
}

// -- the device -----------------------------------------------------------------------------------------

export async function deviceScreen(around: Around): Promise<HTMLElement> {
  const registration = around.registration();
  const page = element("div", {}, element("h2", { textContent: word("device") }));
  if (registration) {
    page.append(element("p", { textContent: word("registered", { user: registration.user.name, day: registration.expires_on }) }), await downloadPart(registration, around));
  } else {
    page.append(element("p", { className: "field-notice", textContent: word("not_registered") }),
      button(word("register"), () => void around.register(), "is-main"), link(word("sign_in"), setting.urls.sign_in));
  }
  page.append(await clockPart(), await storagePart());
  page.append(button(language() === "en" ? "中文" : "English", () => {
    turnLanguage();
    around.redraw();
  }, "is-quiet"));
  return page;
}

async function downloadPart(registration: Registration, around: Around): Promise<HTMLElement> {
  const had = await store.fact<{ count: number; at: number }>("downloaded");
  const county = element("select", { className: "field-input", ariaLabel: word("county") });
  const chosen = await store.fact<string>("county");
  county.append(...registration.counties.map((one) => element("option", {
    value: one.division, textContent: language() === "en" ? one.name_en : one.name, selected: one.division === chosen,
  })));
  const town = element("input", { className: "field-input", placeholder: word("town"), ariaLabel: word("town"), inputMode: "numeric" });
  const told = element("p", { className: "field-quiet", role: "status", textContent: had ? word("downloaded", { n: had.count, when: moment(had.at) }) : "" });
  const download = async (): Promise<void> => {
    try {
      await around.download(county.value, town.value.trim(), (n) => (told.textContent = word("downloading", { n })));
      around.redraw();
    } catch (error) {
      tell(fault(error) || word("link_broken"), "bad");
    }
  };
  return element("section", {}, element("h3", { textContent: word("points") }), told, county, town, button(word("download"), () => void download(), "is-main"));
}

async function clockPart(): Promise<HTMLElement> {
  const offset = await store.fact<number>("offset");
  if (offset === undefined) return element("p");
  const wrong = Math.abs(offset) > 120;
  return element("p", { className: wrong ? "field-notice is-bad" : "field-quiet", textContent: wrong ? word("clock_wrong", { seconds: Math.abs(offset) }) : word("clock_right") });
}

async function storagePart(): Promise<HTMLElement> {
  const part = element("section", {});
  const room = await host.room();
  if (room) part.append(element("p", { className: "field-quiet", textContent: word("storage", { used: bytes(room.used), free: bytes(room.free) }) }));
  const persisted = await navigator.storage?.persisted?.();
  part.append(element("p", { className: "field-quiet", textContent: word(persisted ? "kept" : "not_kept") }));
  if (!persisted) part.append(button(word("ask_keep"), () => void navigator.storage?.persist?.().then((yes) => tell(word(yes ? "kept" : "not_kept"), yes ? "good" : "bad"))));
  if (navigator.serviceWorker?.controller) part.append(element("p", { className: "field-quiet", textContent: word("ready") }));
  return part;
}
