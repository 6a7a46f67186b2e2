/** The legend: what the discs mean and how many there are of each. */

import { make, NUMERALS, say, type Labels } from "../labels";
import { reasonText, signOf } from "./markers";
import type { Point } from "./types";

function row(list: HTMLElement, mark: HTMLElement, text: string, count: number, look = ""): void {
  const item = make("li", look);
  item.append(mark, make("span", "", text), make("b", "number", String(count)));
  list.append(item);
}

function reasons(points: Point[]): Map<string, Point[]> {
  const groups = new Map<string, Point[]>();
  for (const point of points.filter((each) => each.class === null)) {
    const key = point.reason || "no_data";
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  return groups;
}

export function legend(points: Point[], labels: Labels, wide: boolean): HTMLElement {
  const box = make("details", "map-legend");
  // On a narrow map it would lie upon the points.
  box.open = wide;
  box.append(make("summary", "", say(labels, "legend")));
  const list = make("ul");
  for (const klass of [1, 2, 3, 4, 5, 6]) {
    const count = points.filter((point) => point.class === klass).length;
    if (count) row(list, make("span", `pin-disc klass-${klass}`, NUMERALS[klass]), labels[`class_${klass}`] ?? "", count);
  }
  for (const group of reasons(points).values()) {
    const first = group[0]!;
    const look = first.sign ? `kind-${first.kind} has-sign${first.small ? " is-small" : ""}` : "";
    row(list, make("span", "pin-disc klass-none", first.small ? "" : signOf(first)), reasonText(first, labels), group.length, look);
  }
  const missed = points.filter((point) => point.state === "not_attained").length;
  if (missed) row(list, make("span", "legend-alarm", "!"), say(labels, "not_attained"), missed);
  const vague = points.filter((point) => point.digits <= 2).length;
  if (vague) row(list, make("span", "legend-vague"), say(labels, "approximate_short"), vague);
  box.append(list);
  return box;
}
