/** Where the page runs: what keeps it from working without signal, and from keeping what was written. */

const IN_APP: [RegExp, string][] = [
  [/MicroMessenger/i, "微信"],
  [/DingTalk/i, "钉钉"],
  [/wxwork/i, "企业微信"],
  [/Lark|Feishu/i, "飞书"],
  [/\bQQ\//, "QQ"],
  [/AlipayClient/i, "支付宝"],
];

/** The app whose built-in browser this is; empty in a browser of its own. */
export function appAround(agent = navigator.userAgent): string {
  if (/wxwork/i.test(agent)) return "企业微信";
  return IN_APP.find(([pattern]) => pattern.test(agent))?.[1] ?? "";
}

export function obstacle(): "insecure" | "too_old" | "" {
  if (!window.isSecureContext) return "insecure";
  return "serviceWorker" in navigator && "indexedDB" in window && crypto.subtle ? "" : "too_old";
}

export function deviceName(): string {
  const agent = navigator.userAgent;
  const model = /\(([^)]*)\)/.exec(agent)?.[1] ?? "";
  const browser = /(EdgA?|HuaweiBrowser|MiuiBrowser|Firefox|Chrome|Version)\/[\d]+/.exec(agent)?.[0] ?? "";
  return `${model.split(";").slice(-2).join(" ").trim()} ${browser}`.trim().slice(0, 120);
}

/** Keep the page on the device. `update` is called when another version has been fetched and waits. */
export async function install(worker: string, scope: string, update: (go: () => void) => void): Promise<void> {
  const registration = await navigator.serviceWorker.register(worker, { scope, updateViaCache: "none" });
  const offer = (waiting: ServiceWorker): void =>
    update(() => {
      navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
      waiting.postMessage("update");
    });
  if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const coming = registration.installing;
    coming?.addEventListener("statechange", () => {
      if (coming.state === "installed" && navigator.serviceWorker.controller) offer(coming);
    });
  });
}

export async function room(): Promise<{ used: number; free: number } | null> {
  const found = await navigator.storage?.estimate?.();
  return found ? { used: found.usage ?? 0, free: (found.quota ?? 0) - (found.usage ?? 0) } : null;
}
