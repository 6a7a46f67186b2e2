/** The map of sections: works without any network; a base map is added where the authority has one. */

import "maplibre-gl/dist/maplibre-gl.css";
import "./styles/map.css";
import "./styles/network.css";
import { LngLatBounds, type Map as Chart, Marker } from "maplibre-gl";
import { make, readData, say } from "./labels";
import { addBasemap } from "./map/basemap";
import { legend } from "./map/legend";
import { Pins } from "./map/markers";
import { hasWebGl, notice, plane } from "./map/plane";
import { offlineStyle } from "./map/style";
import type { Basemap, MapData, Point, Reach } from "./map/types";

function bounds(data: MapData): LngLatBounds {
  const all = new LngLatBounds();
  // Reaches only where there are no points: a long river must not push the sections into a corner.
  const places = data.points.length
    ? data.points.map((point): [number, number] => [point.lon, point.lat])
    : data.reaches.flatMap((reach) => reach.points);
  for (const place of places) all.extend(place);
  return all;
}

/** The middle of the piece of a reach that lies farthest from any point, so that no marker covers the name. */
function freePlace(reach: Reach, points: Point[]): [number, number] | undefined {
  const middles = reach.points.slice(1).map((end, index): [number, number] => {
    const begin = reach.points[index]!;
    return [(begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2];
  });
  const room = ([lon, lat]: [number, number]): number =>
    points.reduce((least, point) => Math.min(least, Math.hypot(point.lon - lon, point.lat - lat)), Number.MAX_VALUE);
  return middles.sort((a, b) => room(b) - room(a))[0];
}

/** Names of rivers are HTML: glyph files would have to be shipped for every Chinese character. */
function nameReaches(map: Chart, { reaches, points }: MapData): void {
  const longest = new Map<string, Reach>();
  for (const reach of reaches.filter((each) => each.name)) {
    const known = longest.get(reach.name);
    if (!known || reach.points.length > known.points.length) longest.set(reach.name, reach);
  }
  for (const reach of longest.values()) {
    const place = freePlace(reach, points);
    if (!place) continue;
    const element = make("span", "reach-name", reach.name);
    new Marker({ element }).setLngLat(place).addTo(map);
  }
}

function credits(data: MapData): HTMLElement {
  const { basemap, labels } = data;
  const parts = [say(labels, "schematic")];
  if (basemap) {
    parts.push(basemap.attribution);
    if (basemap.review_number) parts.push(`${say(labels, "review_number")}：${basemap.review_number}`);
  }
  return make("div", "map-credits", parts.filter(Boolean).join(" · "));
}

function fitButton(map: Chart, data: MapData, fit: () => void): void {
  const button = make("button", "map-fit", "⤢");
  button.type = "button";
  button.title = say(data.labels, "fit");
  button.setAttribute("aria-label", say(data.labels, "fit"));
  button.addEventListener("click", fit);
  map.addControl(
    {
      onAdd: () => {
        const group = make("div", "maplibregl-ctrl maplibregl-ctrl-group");
        group.append(button);
        return group;
      },
      onRemove: () => button.parentElement?.remove(),
    },
    "top-right",
  );
}

/** A reach of a network leads to a page of its own; the same pages can be chosen in the list above the map. */
function followReaches(map: Chart): void {
  map.on("click", "reach-touch", (event) => {
    const url = event.features?.[0]?.properties["url"] as string | undefined;
    if (url) window.location.assign(url);
  });
  map.on("mouseenter", "reach-touch", () => (map.getCanvas().style.cursor = "pointer"));
  map.on("mouseleave", "reach-touch", () => (map.getCanvas().style.cursor = ""));
}

/** Add the base map; whichever way it fails, say so once and keep the schematic map. */
function showBasemap(map: Chart, basemap: Basemap, failed: () => void): void {
  let said = false;
  const once = (): void => {
    if (!said) failed();
    said = true;
  };
  map.on("error", (event) => {
    const { sourceId, error } = event as unknown as { sourceId?: string; error?: Error };
    if (sourceId?.startsWith("base")) once();
    else console.error(error);
  });
  addBasemap(map, basemap).catch(once);
}

function start(box: HTMLElement, data: MapData): void {
  const { labels } = data;
  // On a wide map the open legend keeps the left side; on a phone every pixel is needed.
  const wide = box.clientWidth >= 768;
  const padding = wide ? { top: 48, bottom: 56, left: 230, right: 90 } : { top: 64, bottom: 56, left: 44, right: 50 };
  const options = { padding, maxZoom: 13 };
  const cooperativeGestures = !wide || box.dataset["map"] === "shared";
  const style = offlineStyle(data.points, data.reaches);
  const map = plane(box, { style, bounds: bounds(data), fitBoundsOptions: options, cooperativeGestures }, labels);
  fitButton(map, data, () => map.fitBounds(bounds(data), options));
  nameReaches(map, data);
  if (data.reaches.some((reach) => reach.url)) followReaches(map);
  new Pins(map, data.points, labels);
  box.append(legend(data.points, labels, wide), credits(data));
  map.on("load", () => {
    box.dataset["ready"] = "yes";
    if (data.basemap) showBasemap(map, data.basemap, () => notice(box, say(labels, "basemap_failed")));
  });
}

function open(): void {
  const box = document.querySelector<HTMLElement>("[data-map]");
  const data = readData<MapData>("map-data");
  if (!box || !data) return;
  if (!data.points.length && !data.reaches.length) notice(box, say(data.labels, "no_points"));
  else if (!hasWebGl()) notice(box, say(data.labels, "no_webgl"));
  else start(box, data);
}

open();
