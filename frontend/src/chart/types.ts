import type { Labels } from "../labels";

/** What a reading says apart from its number; `flagged` is a reading that a person set aside. */
export type Mark = "measured" | "below_detection" | "no_reading" | "not_given" | "offline" | "flagged";

/** Time (ISO, China Standard Time), value as exact text or null, mark, the text in the source. */
export type Reading = [time: string, value: string | null, mark?: Mark, raw?: string];

export interface Limit {
  value: string;
  class: number | null;
  label: string;
  /** The limit of the section's own target is drawn stronger. */
  target?: boolean;
}

export interface Item {
  key: string;
  name: string;
  unit: string;
  points: Reading[];
  limits: Limit[];
}

export interface ChartData {
  title: string;
  items: Item[];
  /** Keys of the items shown first; without it the first one. */
  selected?: string[];
  labels: Labels;
}
