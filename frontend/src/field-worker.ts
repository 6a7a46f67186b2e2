/** The service worker of the field page: it keeps the page on the device, all of one version or none of it. */

interface Shell {
  version: string;
  files: string[];
}

// The server puts this line before the script.
declare const self: {
  SHELL: Shell;
  addEventListener(type: string, listener: (event: WorkerEvent) => void): void;
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
};

interface WorkerEvent {
  request: Request;
  data: unknown;
  waitUntil(done: Promise<unknown>): void;
  respondWith(answer: Promise<Response>): void;
}

const PREFIX = "bishui-field-";
const NAME = PREFIX + self.SHELL.version;

async function keep(): Promise<void> {
  const cache = await caches.open(NAME);
  await cache.addAll(self.SHELL.files.map((file) => new Request(file, { cache: "reload" })));
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== NAME).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** What is kept is answered at once, signal or not; everything else goes to the network. */
async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(NAME);
  // the page is the same for everybody, whatever language or cookies are sent along
  const kept = await cache.match(request, { ignoreSearch: request.mode === "navigate", ignoreVary: true });
  return kept ?? fetch(request);
}

function isKept(request: Request): boolean {
  const url = new URL(request.url);
  return request.method === "GET" && url.origin === location.origin && self.SHELL.files.includes(url.pathname);
}

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));
self.addEventListener("message", (event) => {
  if (event.data === "update") void self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  if (isKept(event.request)) event.respondWith(answer(event.request));
});

export {};
