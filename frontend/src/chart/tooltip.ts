/** What a reading says when it is pointed at: exact digits, the mark, the source's own text. */

import { make, say, type Labels } from "../labels";
import type { Item, Reading } from "./types";

const moment = (time: string): string => time.replace("T", " ").slice(0, 16);

function valueText(reading: Reading, item: Item, labels: Labels): string {
  const [, value, mark = "measured"] = reading;
  if (value === null) return say(labels, mark === "measured" ? "no_reading" : mark);
  const sign = mark === "below_detection" ? "<" : "";
  const number = `${sign}${value}${item.unit ? ` ${item.unit}` : ""}`;
  return mark === "measured" ? number : `${number}（${say(labels, mark)}）`;
}

export function tooltip(readings: { item: Item; reading: Reading }[], labels: Labels): HTMLElement {
  const box = make("div", "chart-tip");
  const [first] = readings;
  if (first) box.append(make("div", "chart-tip-time", moment(first.reading[0])));
  for (const { item, reading } of readings) {
    const line = make("div");
    line.append(make("span", "", `${item.name} `), make("b", "number", valueText(reading, item, labels)));
    box.append(line);
    if (reading[3] && reading[3] !== reading[1]) box.append(make("div", "chart-tip-raw", `“${reading[3]}”`));
  }
  return box;
}
