/** Unsent work as a ZIP file: forms as JSON, photographs as they were taken, without copying them in memory. */

import { crc32 } from "./pictures";
import { bodyOf } from "./sending";
import * as store from "./store";

const UTF8_NAMES = 0x0800;

interface Entry {
  name: Uint8Array;
  crc: number;
  size: number;
  content: Blob;
}

/** A record of the ZIP format (APPNOTE.TXT, 4.3): 2- and 4-byte numbers, little-endian. */
function record(...numbers: [size: 2 | 4, value: number][]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(numbers.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of numbers) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return bytes;
}

/** What the local header and the directory say alike: stored, not compressed. */
function common(entry: Entry): [2 | 4, number][] {
  const day = ((2026 - 1980) << 9) | (1 << 5) | 1;
  return [[2, 20], [2, UTF8_NAMES], [2, 0], [2, 0], [2, day], [4, entry.crc], [4, entry.size], [4, entry.size], [2, entry.name.length], [2, 0]];
}

function zip(entries: Entry[]): Blob {
  const parts: BlobPart[] = [];
  const directory: BlobPart[] = [];
  let at = 0;
  let length = 0;
  for (const entry of entries) {
    const local = record([4, 0x04034b50], ...common(entry));
    const name = entry.name as Uint8Array<ArrayBuffer>;
    const central = record([4, 0x02014b50], [2, 20], ...common(entry), [2, 0], [2, 0], [2, 0], [4, 0], [4, at]);
    parts.push(local, name, entry.content);
    directory.push(central, name);
    at += local.length + name.length + entry.size;
    length += central.length + name.length;
  }
  const end = record([4, 0x06054b50], [2, 0], [2, 0], [2, entries.length], [2, entries.length], [4, length], [4, at], [2, 0]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

/** The file of everything that the server has not taken in yet, and how many forms it holds. */
export async function unsent(): Promise<{ content: Blob; count: number }> {
  const waiting = (await store.forms()).filter((kept) => !["draft", "sent", "set_aside"].includes(kept.state));
  const listed = {
    format: "bishui-field",
    version: 1,
    made_at: Date.now(),
    offset: (await store.fact<number>("offset")) ?? 0,
    forms: waiting.map(bodyOf),
  };
  const text = new TextEncoder().encode(JSON.stringify(listed));
  const encode = (name: string): Uint8Array => new TextEncoder().encode(name);
  const entries: Entry[] = [{ name: encode("forms.json"), crc: crc32(text), size: text.length, content: new Blob([text]) }];
  for (const kept of waiting) {
    const content = kept.picture ? await store.picture(kept.client_id) : undefined;
    if (!content || !kept.picture) continue;
    const { sha256, type } = kept.picture;
    const name = `photographs/${sha256}.${type === "image/png" ? "png" : "jpg"}`;
    entries.push({ name: encode(name), crc: kept.picture.crc32, size: kept.picture.size, content });
  }
  return { content: zip(entries), count: waiting.length };
}
