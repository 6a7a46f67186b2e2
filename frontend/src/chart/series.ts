/** From readings to what ECharts draws. Values become numbers only here, where they become pixels. */

import { NUMERALS, say, type Labels } from "../labels";
import type { Item, Limit, Mark, Reading } from "./types";

const INK = "#0a6a82";
const CLASS_LINES = ["", "#3b9bd9", "#1565c0", "#15803d", "#a97e00", "#d9690f", "#c81e1e"];
/** Readings of these marks do not count and are not joined by the line. */
const ASIDE: Mark[] = ["flagged", "offline"];

const markOf = (reading: Reading): Mark => reading[2] ?? "measured";
const counts = (reading: Reading): boolean => reading[1] !== null && !ASIDE.includes(markOf(reading));

/** A place in the plot; the reading travels along for the tooltip. */
interface Dot {
  value: [string, number | null];
  reading: Reading;
}

const dot = (reading: Reading, value: number | null): Dot => ({ value: [reading[0], value], reading });

/** The joined line, broken wherever there is no reading that counts. */
const lineDots = (item: Item): Dot[] =>
  item.points.map((reading) => dot(reading, counts(reading) ? Number(reading[1]) : null));

const dotsOf = (item: Item, marks: Mark[]): Dot[] =>
  item.points
    .filter((reading) => reading[1] !== null && marks.includes(markOf(reading)))
    .map((reading) => dot(reading, Number(reading[1])));

/** Limits far from every value would press the line flat: show those near the values, and what judges them. */
export function shownLimits(item: Item): Limit[] {
  const values = item.points.filter(counts).map((reading) => Number(reading[1]));
  if (!values.length) return item.limits;
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const span = Math.max(high - low, Math.abs(high) * 0.5);
  const judged = item.limits.some((limit) => limit.target);
  const next = item.limits.map((limit) => Number(limit.value)).filter((value) => value >= high);
  // Where nothing is to be kept, the first limit above the values says which class they are in.
  const nearest = judged ? undefined : next.reduce<number | undefined>((a, b) => Math.min(a ?? b, b), undefined);
  return item.limits.filter((limit) => {
    const value = Number(limit.value);
    return limit.target || value === nearest || (value <= high + span && value >= low - span);
  });
}

/** What stands beside a limit line. */
export const limitText = (limit: Limit, labels: Labels): string =>
  `${limit.label || NUMERALS[limit.class ?? 0] || say(labels, "limit")} ${limit.value}`;

/** Room at the right for the words of the limit lines; none where they would take too much of the plot. */
export function labelRoom(items: Item[], width: number, labels: Labels): number {
  const texts = items.flatMap((item) => shownLimits(item).map((limit) => limitText(limit, labels)));
  const wide = (text: string): number => [...text].reduce((sum, sign) => sum + (sign > "\u0fff" ? 12 : 7), 0);
  const longest = texts.reduce((most, text) => Math.max(most, wide(text)), 0) + 14;
  return longest > width / 5 ? 0 : longest;
}

function limitLines(item: Item, labels: Labels, beside: boolean) {
  return {
    silent: true,
    symbol: "none",
    animation: false,
    data: shownLimits(item).map((limit) => ({
      yAxis: Number(limit.value),
      lineStyle: {
        color: CLASS_LINES[limit.class ?? 0] || "#526873",
        type: limit.target ? "solid" : "dashed",
        width: limit.target ? 2 : 1,
      },
      label: {
        position: beside ? "end" : "insideEndTop",
        color: CLASS_LINES[limit.class ?? 0] || "#526873",
        fontSize: 12,
        fontWeight: limit.target ? "bold" : "normal",
        formatter: limitText(limit, labels),
      },
    })),
  };
}

/** The series of one item: the line with its limits, hollow discs, crosses. */
export function seriesOf(item: Item, axis: number, width: number, labels: Labels, beside: boolean): object[] {
  const place = { xAxisIndex: axis, yAxisIndex: axis, animation: false };
  // Discs on the line only where they stay apart.
  const few = item.points.length <= width / 8;
  return [
    {
      ...place,
      id: `${item.key}-line`,
      name: item.name,
      type: "line",
      data: lineDots(item),
      connectNulls: false,
      showSymbol: few,
      symbol: "circle",
      symbolSize: few ? 6 : 4,
      sampling: few ? undefined : "minmax",
      lineStyle: { color: INK, width: 1.75 },
      itemStyle: { color: INK },
      markLine: limitLines(item, labels, beside),
    },
    {
      ...place,
      id: `${item.key}-below`,
      name: say(labels, "below_detection"),
      type: "scatter",
      data: dotsOf(item, ["below_detection"]),
      symbol: "circle",
      symbolSize: 8,
      itemStyle: { color: "#fff", borderColor: INK, borderWidth: 1.75, opacity: 1 },
      z: 4,
    },
    {
      ...place,
      id: `${item.key}-aside`,
      name: say(labels, "flagged"),
      type: "scatter",
      data: dotsOf(item, ASIDE),
      symbol: "path://M0 1 1 0 5 4 9 0 10 1 6 5 10 9 9 10 5 6 1 10 0 9 4 5z",
      symbolSize: 9,
      itemStyle: { color: "#b42318", opacity: 1 },
      z: 4,
    },
  ];
}

interface Span {
  min: number;
  max: number;
}

/** The height of the axis: zero or the lowest value, up to the highest value or limit that is shown. */
export function extent(item: Item): { min: (value: Span) => number; max: (value: Span) => number } {
  const limits = shownLimits(item).map((limit) => Number(limit.value));
  const top = Math.max(...limits, Number.NEGATIVE_INFINITY);
  const bottom = Math.min(...limits, Number.POSITIVE_INFINITY);
  const round = (value: number): number => Number(value.toPrecision(2));
  return {
    max: ({ max }) => {
      const highest = Math.max(max, top);
      return round(highest > 0 ? highest * 1.08 : highest * 0.92);
    },
    min: ({ min, max }) => {
      const lowest = Math.min(min, bottom);
      if (lowest < 0) return round(lowest * 1.08);
      // pH and dissolved oxygen live far from zero; most items begin there.
      return lowest > 0 && lowest > Math.max(top, max) * 0.4 ? round(lowest * 0.92) : 0;
    },
  };
}
