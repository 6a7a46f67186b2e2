/** Texts come with the data, translated by the server; a missing one shows its key instead of nothing. */
export type Labels = Record<string, string>;

export const say = (labels: Labels, key: string): string => labels[key] ?? key;

/** Numerals of the classes of GB 3838-2002 (水质类别), from 1; 6 is worse than Ⅴ. */
export const NUMERALS = ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ"] as const;

/** Read the JSON that the server put into the page. */
export function readData<Data>(id: string): Data | null {
  const text = document.getElementById(id)?.textContent;
  return text ? (JSON.parse(text) as Data) : null;
}

/** Make an element with a class and a text; no HTML is ever built from data. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = "",
  text = "",
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}
