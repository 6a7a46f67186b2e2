/** From the device to the server: forms in their order, photographs in pieces, each as often as it takes. */

import { changedSince, RUN } from "./clock";
import * as store from "./store";
import type { Kept, Registration, Setting, State } from "./types";

interface Result {
  client_id: string;
  fate: "waiting" | "done" | "conflict" | "refused" | "set_aside" | "unreadable";
  reason: Kept["reason"];
  differences?: Kept["differences"];
  flags?: Kept["flags"];
  waits_for?: string;
}

/** The key is not accepted any more: the user has to sign in. */
export class KeyEnded extends Error {}

const STATES: Record<Result["fate"], State> = {
  waiting: "held",
  done: "sent",
  conflict: "conflict",
  refused: "refused",
  set_aside: "set_aside",
  unreadable: "refused",
};

/** States in which the server may still have something to say about a form. */
const UNSETTLED: State[] = ["waiting", "sending", "held", "conflict"];

/** What is sent of a form; it is made in just this way each time, so that the server knows it again. */
export function bodyOf(kept: Kept): Record<string, unknown> {
  const body: Record<string, unknown> = {
    client_id: kept.client_id,
    kind: kept.kind,
    made_at: kept.made_at,
    contact: kept.contact,
    former: kept.former,
    clock_changed: kept.clock_changed,
    outfall: kept.outfall || null,
    seen: kept.seen,
    position: kept.position,
    fields: kept.fields,
    ...kept.links,
  };
  if (kept.picture) body["photo"] = { sha256: kept.picture.sha256, size: kept.picture.size, name: kept.picture.name };
  return body;
}

export class Sending {
  private running = false;

  constructor(
    private readonly setting: Setting,
    private readonly registration: Registration,
    private readonly changed: () => void,
  ) {}

  /** Send what there is; a second call while one runs does nothing. Returns how many forms came home. */
  async run(): Promise<number> {
    if (this.running) return 0;
    this.running = true;
    try {
      const before = await this.unsettled();
      await this.sendForms(before);
      for (const kept of await this.unsettled()) {
        if (kept.picture && kept.state === "held") await this.sendPicture(kept);
      }
      await this.sendForms(await this.unsettled());
      return before.length - (await this.unsettled()).length;
    } finally {
      this.running = false;
      await this.wakeSending();
    }
  }

  private async unsettled(): Promise<Kept[]> {
    const own = (await store.forms()).filter((kept) => kept.user === this.registration.user.id);
    return own.filter((kept) => UNSETTLED.includes(kept.state));
  }

  /** What was under way when the link broke waits again. */
  private async wakeSending(): Promise<void> {
    const broken = (await store.forms()).filter((kept) => kept.state === "sending");
    if (broken.length) await store.saveForms(...broken.map((kept) => ({ ...kept, state: "waiting" as const })));
    this.changed();
  }

  private async sendForms(all: Kept[]): Promise<void> {
    const most = this.setting.limits.forms_at_once;
    for (let at = 0; at < all.length; at += most) {
      const part = all.slice(at, at + most).map(prepared);
      await store.saveForms(...part);
      this.changed();
      const answer = await this.post({ now: Date.now(), forms: part.map(bodyOf) });
      await store.setFact("offset", answer.offset);
      await store.setFact("contact", answer.server_now);
      await this.note(part, answer.results);
    }
  }

  private async note(sent: Kept[], results: Result[]): Promise<void> {
    const found = new Map(results.map((result) => [result.client_id, result]));
    for (const kept of sent) {
      const result = found.get(kept.client_id);
      if (!result) continue;
      const told: Kept = {
        ...kept,
        state: STATES[result.fate],
        reason: result.reason,
        differences: result.differences ?? [],
        flags: result.flags ?? [],
      };
      await (result.fate === "done" ? store.noteKept(told) : store.saveForms(told));
    }
    this.changed();
  }

  private async sendPicture(kept: Kept): Promise<void> {
    const content = await store.picture(kept.client_id);
    if (!content || !kept.picture) return;
    const address = `${this.setting.urls.uploads}${kept.picture.sha256}?size=${kept.picture.size}`;
    let { missing } = (await this.call(address, {})) as { missing: [number, number][] };
    while (missing.length) {
      const [start, end] = missing[0]!;
      const piece = content.slice(start, Math.min(end, start + this.setting.limits.chunk));
      const put = { method: "PUT", body: piece, headers: { "Content-Type": "application/octet-stream" } };
      ({ missing } = (await this.call(`${address}&offset=${start}`, put)) as { missing: [number, number][] });
    }
  }

  private async post(body: object): Promise<{ offset: number; server_now: number; results: Result[] }> {
    const asked = { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
    return (await this.call(this.setting.urls.forms, asked)) as { offset: number; server_now: number; results: Result[] };
  }

  private call(address: string, options: RequestInit): Promise<unknown> {
    return call(address, options, this.registration.key);
  }
}

/** Before a form is sent the first time it says by how much the clock was set since; then it never changes. */
function prepared(kept: Kept): Kept {
  if (kept.state !== "waiting") return kept;
  const changed = kept.frozen || kept.run !== RUN ? kept.clock_changed : changedSince(kept.clock_base);
  return { ...kept, state: "sending", frozen: true, clock_changed: changed };
}

/** Ask the server something; with a key no cookies go along. */
export async function call(address: string, options: RequestInit, key = ""): Promise<unknown> {
  const headers = { Accept: "application/json", ...(options.headers as Record<string, string> | undefined) };
  const asked: RequestInit = { ...options, headers, credentials: key ? "omit" : "same-origin", redirect: "error" };
  if (key) (asked.headers as Record<string, string>)["Authorization"] = `Bearer ${key}`;
  const answer = await fetch(address, { ...asked, cache: "no-store" });
  if (answer.status === 401 || (answer.status === 403 && !key)) throw new KeyEnded();
  const content = (await answer.json()) as unknown;
  if (!answer.ok) throw new Error((content as { what?: { zh: string } }).what?.zh ?? String(answer.status));
  return content;
}
