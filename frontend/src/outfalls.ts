/** The map of outfalls: asks the server for each window, which gives points or counts. */

import "maplibre-gl/dist/maplibre-gl.css";
import "./styles/map.css";
import "./styles/outfalls.css";
import { LngLatBounds, type Map as Chart, Marker, Popup } from "maplibre-gl";
import { make, readData, say, type Labels } from "./labels";
import { addBasemap } from "./map/basemap";
import { hasWebGl, notice, plane } from "./map/plane";
import { offlineStyle } from "./map/style";
import type { Basemap, Reach } from "./map/types";

interface Stage {
  id: string;
  label: string;
  colour: string;
}

interface Place {
  lon: number;
  lat: number;
}

interface Point extends Place {
  code: string;
  name: string;
  url: string;
  digits: number;
  stage: string;
}

interface Cell extends Place {
  count: number;
  stages: Record<string, number>;
  name: string;
}

interface MapData {
  source: string;
  bounds: [number, number, number, number] | null;
  reaches: Reach[];
  basemap: Basemap | null;
  stages: Stage[];
  labels: Labels;
}

interface Answer {
  points: Point[];
  cells: Cell[];
}

const NONE: Stage = { id: "", label: "–", colour: "#8a9ba3" };
/** A coordinate of so few decimals is only an area. */
const APPROXIMATE = 2;

class Outfalls {
  private markers: Marker[] = [];
  private asked = 0;
  private readonly stages: Map<string, Stage>;

  constructor(private readonly map: Chart, private readonly data: MapData, private readonly failed: () => void) {
    this.stages = new Map(data.stages.map((stage) => [stage.id, stage]));
    map.on("moveend", () => void this.refresh());
  }

  private stage(id: string): Stage {
    return this.stages.get(id) ?? NONE;
  }

  /** Ask for the present window; an answer that comes late is dropped. */
  async refresh(): Promise<void> {
    const turn = ++this.asked;
    const window = this.map.getBounds();
    const asked = new URL(this.data.source, location.href);
    const edges = [window.getWest(), window.getSouth(), window.getEast(), window.getNorth()];
    asked.searchParams.set("window", edges.map((edge) => edge.toFixed(6)).join(","));
    try {
      const response = await fetch(asked, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      const answer = (await response.json()) as Answer;
      if (turn === this.asked) this.show(answer);
    } catch {
      if (turn === this.asked) this.failed();
    }
  }

  private show({ points, cells }: Answer): void {
    for (const marker of this.markers) marker.remove();
    this.markers = [...cells.map((cell) => this.cell(cell)), ...points.map((point) => this.point(point))];
  }

  private point(point: Point): Marker {
    const stage = this.stage(point.stage);
    const vague = point.digits <= APPROXIMATE;
    const element = make("button", `outfall-pin${vague ? " is-approximate" : ""}`);
    element.type = "button";
    element.style.setProperty("--stage", stage.colour);
    const parts = [point.name, stage.label, ...(vague ? [say(this.data.labels, "approximate_short")] : [])];
    element.setAttribute("aria-label", parts.join(say(this.data.labels, "comma")));
    const marker = new Marker({ element }).setLngLat([point.lon, point.lat]);
    marker.setPopup(new Popup({ offset: 12, maxWidth: "280px" }).setDOMContent(this.about(point, stage, vague)));
    return marker.addTo(this.map);
  }

  private about(point: Point, stage: Stage, vague: boolean): HTMLElement {
    const { labels } = this.data;
    const box = make("div", "map-popup");
    box.append(make("strong", "", point.name), make("p", "", `${point.code} · ${stage.label}`));
    if (vague) box.append(make("p", "map-approximate", say(labels, "approximate")));
    const link = make("a", "btn btn-primary btn-sm", say(labels, "details"));
    link.href = point.url;
    box.append(link);
    return box;
  }

  private cell(cell: Cell): Marker {
    const element = make("button", "outfall-cell", String(cell.count));
    element.type = "button";
    const size = 26 + 10 * Math.log10(cell.count + 1);
    element.style.width = element.style.height = `${size}px`;
    element.style.setProperty("--share", this.shares(cell));
    element.setAttribute("aria-label", `${cell.name} ${cell.count} ${say(this.data.labels, "count")}`.trim());
    if (cell.name) element.append(make("span", "outfall-cell-name", cell.name));
    element.addEventListener("click", () => {
      this.map.easeTo({ center: [cell.lon, cell.lat], zoom: this.map.getZoom() + 2 });
    });
    return new Marker({ element }).setLngLat([cell.lon, cell.lat]).addTo(this.map);
  }

  /** The ring of a cell: how much of it stands in which stage. */
  private shares(cell: Cell): string {
    let at = 0;
    const parts = this.data.stages.flatMap(({ id, colour }) => {
      const count = cell.stages[id] ?? 0;
      if (!count) return [];
      const begin = at;
      at += (100 * count) / cell.count;
      return [`${colour} ${begin.toFixed(1)}% ${at.toFixed(1)}%`];
    });
    return `conic-gradient(${[...parts, `${NONE.colour} ${at.toFixed(1)}% 100%`].join(",")})`;
  }
}

function legend(data: MapData): HTMLElement {
  const box = make("details", "map-legend");
  box.open = window.matchMedia("(min-width: 768px)").matches;
  box.append(make("summary", "", say(data.labels, "legend")));
  const list = make("ul");
  for (const stage of data.stages) {
    const item = make("li");
    const mark = make("span", "outfall-pin is-legend");
    mark.style.setProperty("--stage", stage.colour);
    item.append(mark, make("span", "", stage.label));
    list.append(item);
  }
  box.append(list);
  return box;
}

function start(box: HTMLElement, data: MapData): void {
  const { labels } = data;
  const [west, south, east, north] = data.bounds ?? [73, 18, 135, 54];
  const wide = box.clientWidth >= 768;
  const view = {
    style: offlineStyle([], data.reaches),
    bounds: new LngLatBounds([west, south], [east, north]),
    fitBoundsOptions: { padding: 48, maxZoom: 14 },
    cooperativeGestures: !wide,
  };
  const map = plane(box, view, labels);
  box.append(legend(data));
  const failed = (): void => notice(box, say(labels, "basemap_failed"));
  const outfalls = new Outfalls(map, data, failed);
  map.on("load", () => {
    box.dataset["ready"] = "yes";
    void outfalls.refresh();
    if (data.basemap) addBasemap(map, data.basemap).catch(failed);
  });
}

const box = document.querySelector<HTMLElement>("[data-outfall-map]");
const data = readData<MapData>("outfall-map-data");
if (box && data) {
  if (!hasWebGl()) notice(box, say(data.labels, "no_webgl"));
  else start(box, data);
}
