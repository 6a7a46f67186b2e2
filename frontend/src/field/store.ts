/** What the device keeps: forms, photographs, points and a few facts, in IndexedDB. */

import type { Kept, Point } from "./types";

const NAME = "bishui-field";
const VERSION = 1;
type StoreName = "forms" | "pictures" | "points" | "facts";

let opened: Promise<IDBDatabase> | null = null;

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB"));
  });
}

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const base = request.result;
      base.createObjectStore("forms", { keyPath: "client_id" }).createIndex("state", "state");
      base.createObjectStore("pictures");
      base.createObjectStore("points", { keyPath: "id" });
      base.createObjectStore("facts");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB"));
  });
  return opened;
}

/** Do something in one transaction, and wait until the device has written it down: a flat battery loses nothing. */
async function inOne(stores: StoreName[], work: (store: (name: StoreName) => IDBObjectStore) => void): Promise<void> {
  const base = await database();
  const transaction = base.transaction(stores, "readwrite", { durability: "strict" });
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("IndexedDB"));
  });
  work((name) => transaction.objectStore(name));
  await done;
}

async function reading(name: StoreName): Promise<IDBObjectStore> {
  return (await database()).transaction(name, "readonly").objectStore(name);
}

export function saveForms(...forms: Kept[]): Promise<void> {
  return inOne(["forms"], (store) => forms.forEach((form) => store("forms").put(form)));
}

export async function form(clientId: string): Promise<Kept | undefined> {
  return (await settled((await reading("forms")).get(clientId))) as Kept | undefined;
}

/** All forms in the order in which they were begun. */
export async function forms(): Promise<Kept[]> {
  const found = (await settled((await reading("forms")).getAll())) as Kept[];
  return found.sort((a, b) => a.number - b.number);
}

/** Keep a photograph and its form together, or neither. */
export function savePicture(kept: Kept, content: Blob): Promise<void> {
  return inOne(["forms", "pictures"], (store) => {
    store("pictures").put(content, kept.client_id);
    store("forms").put(kept);
  });
}

export async function picture(clientId: string): Promise<Blob | undefined> {
  return (await settled((await reading("pictures")).get(clientId))) as Blob | undefined;
}

/** Let go of a draft, or of the photograph of a form that the server has kept. */
export function removeForm(clientId: string): Promise<void> {
  return inOne(["forms", "pictures"], (store) => {
    store("forms").delete(clientId);
    store("pictures").delete(clientId);
  });
}

/** Note that the server has a form; its photograph is no longer needed here. */
export function noteKept(kept: Kept): Promise<void> {
  return inOne(["forms", "pictures"], (store) => {
    store("forms").put(kept);
    store("pictures").delete(kept.client_id);
  });
}

export function replacePoints(points: Point[]): Promise<void> {
  return inOne(["points"], (store) => {
    store("points").clear();
    points.forEach((point) => store("points").put(point));
  });
}

export async function points(): Promise<Point[]> {
  return (await settled((await reading("points")).getAll())) as Point[];
}

export async function fact<T>(name: string): Promise<T | undefined> {
  return (await settled((await reading("facts")).get(name))) as T | undefined;
}

export function setFact(name: string, value: unknown): Promise<void> {
  return inOne(["facts"], (store) => store("facts").put(value, name));
}
