/** Small parts of the page: elements, words in the chosen language, notices. */

import type { Setting } from "./types";

type Child = Node | string | null | undefined | false;

export const setting = JSON.parse(document.getElementById("field-setting")?.textContent ?? "{}") as Setting;

const LANGUAGE = "bishui-field-language";
export type Language = "zh" | "en";

export function language(): Language {
  return localStorage.getItem(LANGUAGE) === "en" ? "en" : "zh";
}

export function turnLanguage(): void {
  localStorage.setItem(LANGUAGE, language() === "en" ? "zh" : "en");
}

/** A word of the page, with what it leaves open filled in. */
export function word(key: string, values: Record<string, string | number> = {}): string {
  const text = setting.words[language()][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function label(item: { label_zh: string; label_en: string }): string {
  return language() === "en" ? item.label_en : item.label_zh;
}

export function say(text: { zh: string; en: string }): string {
  return text[language()];
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<Omit<HTMLElementTagNameMap[K], "style">> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

export function button(text: string, act: () => void, className = ""): HTMLButtonElement {
  return element("button", { type: "button", className: `field-button ${className}`.trim(), textContent: text, onclick: act });
}

export function link(text: string, href: string, className = ""): HTMLAnchorElement {
  return element("a", { href, className: `field-button ${className}`.trim(), textContent: text });
}

/** Tell something for a while; read out by screen readers. */
export function tell(text: string, tone: "good" | "bad" | "info" = "info"): void {
  document.querySelector(".field-toast")?.remove();
  const toast = element("div", { className: `field-toast is-${tone}`, textContent: text, role: tone === "bad" ? "alert" : "status" });
  document.body.append(toast);
  setTimeout(() => toast.remove(), tone === "bad" ? 8000 : 3500);
}

export function moment(milliseconds: number): string {
  return new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false,
  }).format(milliseconds);
}

export function bytes(count: number): string {
  return count >= 2 ** 30 ? `${(count / 2 ** 30).toFixed(1)} GB` : `${(count / 2 ** 20).toFixed(count < 2 ** 24 ? 1 : 0)} MB`;
}
