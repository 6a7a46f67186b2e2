/** Time series with limit lines: one plot per chosen item, one time axis for all. */

import "./styles/chart.css";
import { LineChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  MarkLineComponent,
  TitleComponent,
  TooltipComponent,
} from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { extent, labelRoom, seriesOf } from "./chart/series";
import { tooltip } from "./chart/tooltip";
import type { ChartData, Item, Reading } from "./chart/types";
import { make, readData, say } from "./labels";

use([
  LineChart,
  ScatterChart,
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  MarkLineComponent,
  TitleComponent,
  TooltipComponent,
  CanvasRenderer,
]);

/** Beyond this many plots a screen shows nothing well. */
const MOST = 4;
const HEAD = 34;
const GAP = 58;
const SLIDER = 56;
const QUIET = "#526873";
const DATES = { year: "{yyyy}", month: "{yyyy}-{MM}", day: "{MM}-{dd}", hour: "{HH}:{mm}", minute: "{HH}:{mm}" };
const SLIDER_LOOK = {
  borderColor: "#c9d6dc",
  fillerColor: "rgba(10, 106, 130, 0.12)",
  handleStyle: { color: "#fff", borderColor: "#0a6a82" },
  moveHandleStyle: { color: "#0a6a82", opacity: 0.4 },
  dataBackground: { lineStyle: { color: "#8fb5c2" }, areaStyle: { color: "#dcebef" } },
  selectedDataBackground: { lineStyle: { color: "#0a6a82" }, areaStyle: { color: "#bcdce4" } },
};

const plotHeight = (count: number): number => (count === 1 ? 270 : 170);
const totalHeight = (count: number): number => count * (plotHeight(count) + GAP) + SLIDER;

interface Hovered {
  seriesId?: string;
  data?: { reading?: Reading };
}

class SeriesChart {
  private readonly plot: EChartsType;
  private readonly canvas = make("div", "chart-canvas");
  private readonly legend = make("p", "chart-legend");
  private chosen: string[];

  constructor(box: HTMLElement, private readonly data: ChartData) {
    this.chosen = (data.selected?.length ? data.selected : [data.items[0]!.key]).slice(0, MOST);
    if (data.items.length > 1) box.append(this.choice());
    this.canvas.setAttribute("role", "img");
    box.append(this.canvas, this.legend);
    this.canvas.style.height = `${totalHeight(this.chosen.length)}px`;
    this.plot = init(this.canvas, null, { renderer: "canvas" });
    new ResizeObserver(() => this.plot.resize()).observe(this.canvas);
    this.draw();
  }

  private choice(): HTMLElement {
    const group = make("div", "chart-choice");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", say(this.data.labels, "choose"));
    for (const item of this.data.items) {
      const button = make("button", "", item.name);
      button.type = "button";
      button.setAttribute("aria-pressed", String(this.chosen.includes(item.key)));
      button.addEventListener("click", () => this.toggle(item.key, group));
      button.dataset["key"] = item.key;
      group.append(button);
    }
    return group;
  }

  /** The last plot cannot be closed; one too many replaces the oldest. */
  private toggle(key: string, group: HTMLElement): void {
    const others = this.chosen.filter((each) => each !== key);
    if (others.length === this.chosen.length) this.chosen = [...this.chosen, key].slice(-MOST);
    else if (others.length) this.chosen = others;
    for (const button of group.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(this.chosen.includes(button.dataset["key"] ?? "")));
    }
    this.draw();
  }

  private shown(): Item[] {
    return this.data.items.filter((item) => this.chosen.includes(item.key));
  }

  private draw(): void {
    const items = this.shown();
    this.canvas.style.height = `${totalHeight(items.length)}px`;
    this.plot.resize();
    this.plot.setOption(this.options(items), { replaceMerge: ["grid", "xAxis", "yAxis", "series", "title"] });
    this.describe(items);
  }

  private options(items: Item[]): Record<string, unknown> {
    const height = plotHeight(items.length);
    const top = (index: number): number => index * (height + GAP) + HEAD;
    const axes = items.map((_, index) => index);
    const width = this.canvas.clientWidth;
    const room = labelRoom(items, width, this.data.labels);
    // The last date of the axis stands half beyond the plot.
    const right = Math.max(room, 24);
    const times = items.flatMap((item) => item.points.map((reading) => Date.parse(reading[0])));
    // One span for all plots, so that a moment stands at the same place in each.
    const span = times.length ? { min: times.reduce((a, b) => Math.min(a, b)), max: times.reduce((a, b) => Math.max(a, b)) } : {};
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      title: items.map((item, index) => this.titleOf(item, top(index) - HEAD)),
      grid: axes.map((index) => ({ left: 8, right, top: top(index), height, containLabel: true })),
      xAxis: axes.map((index) => ({
        type: "time",
        gridIndex: index,
        ...span,
        axisLabel: { color: QUIET, hideOverlap: true, formatter: DATES },
        axisLine: { lineStyle: { color: "#b9c8d0" } },
      })),
      yAxis: items.map((item, index) => ({
        type: "value",
        gridIndex: index,
        ...extent(item),
        axisLabel: { color: QUIET, showMaxLabel: false },
        splitLine: { lineStyle: { color: "#eaf0f2" } },
      })),
      dataZoom: [
        { type: "inside", xAxisIndex: axes, zoomOnMouseWheel: "ctrl", moveOnMouseMove: true, filterMode: "none" },
        { type: "slider", xAxisIndex: axes, bottom: 6, height: 30, left: 12, right, showDetail: false, filterMode: "none", brushSelect: false, ...SLIDER_LOOK },
      ],
      tooltip: {
        trigger: "axis",
        confine: true,
        axisPointer: { type: "line" },
        formatter: (hovered: Hovered[]) => this.tip(hovered, items),
      },
      series: items.flatMap((item, index) => seriesOf(item, index, width, this.data.labels, room > 0)),
    };
  }

  private titleOf(item: Item, top: number): object {
    const text = item.unit ? `${item.name}（${item.unit}）` : item.name;
    const drawn = item.points.some((reading) => reading[1] !== null);
    return {
      text,
      subtext: drawn ? "" : say(this.data.labels, "no_data"),
      left: 8,
      top: top + 4,
      padding: 0,
      textStyle: { fontSize: 14, fontWeight: 600, color: "#17303b" },
    };
  }

  private tip(hovered: Hovered[], items: Item[]): HTMLElement {
    const seen = new Set<Item>();
    const readings = hovered.flatMap(({ seriesId, data }) => {
      const item = items.find((each) => seriesId?.startsWith(`${each.key}-`));
      if (!item || !data?.reading || seen.has(item)) return [];
      seen.add(item);
      return [{ item, reading: data.reading }];
    });
    return tooltip(readings, this.data.labels);
  }

  /** For those who cannot see the plot, and below it for all: what the marks mean. */
  private describe(items: Item[]): void {
    const { labels, title } = this.data;
    const parts = items.map((item) => {
      const count = item.points.filter((reading) => reading[1] !== null).length;
      return `${item.name} ${count} ${say(labels, "values")}`;
    });
    this.canvas.setAttribute("aria-label", `${say(labels, "chart")}：${title}。${parts.join("；")}`);
    const marks = new Set(items.flatMap((item) => item.points.map((reading) => reading[2] ?? "measured")));
    this.legend.replaceChildren(this.sign("sign-line", "measured"));
    if (marks.has("below_detection")) this.legend.append(this.sign("sign-hollow", "below_detection"));
    if (marks.has("flagged")) this.legend.append(this.sign("sign-cross", "flagged"));
    if (marks.has("offline")) this.legend.append(this.sign("sign-cross", "offline"));
    this.legend.append(make("span", "", say(labels, "zoom")));
  }

  private sign(look: string, key: string): HTMLElement {
    const entry = make("span");
    entry.append(make("i", `sign ${look}`, look === "sign-cross" ? "×" : ""), say(this.data.labels, key));
    return entry;
  }
}

for (const box of document.querySelectorAll<HTMLElement>("[data-chart]")) {
  const data = readData<ChartData>(`chart-data-${box.dataset["chart"]}`);
  if (!data) continue;
  if (data.items.length) new SeriesChart(box, data);
  else box.append(make("p", "empty-state", say(data.labels, "no_data")));
}
