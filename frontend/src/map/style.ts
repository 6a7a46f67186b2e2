/** The offline style: a background, the schematic reaches, the areas of approximate coordinates. */

import type { StyleSpecification } from "maplibre-gl";
import type { Point, Reach } from "./types";

interface Feature {
  type: "Feature";
  properties: Record<string, string | number>;
  geometry: { type: "LineString"; coordinates: [number, number][] } | { type: "Polygon"; coordinates: [number, number][][] };
}

const collection = (features: Feature[]) => ({ type: "FeatureCollection" as const, features });

const reachFeature = (reach: Reach): Feature => ({
  type: "Feature",
  properties: { name: reach.name, kind: reach.kind, order: reach.order, mark: reach.mark ?? "", url: reach.url ?? "" },
  geometry: { type: "LineString", coordinates: reach.points },
});

/** A coordinate of few decimals stands for an area: half a unit of its last decimal around it. */
export const isApproximate = (point: Point): boolean => point.digits <= 2;

function approximateFeature(point: Point): Feature {
  const radius = 0.5 * 10 ** -point.digits;
  const shrink = Math.cos((point.lat * Math.PI) / 180);
  const ring = Array.from({ length: 49 }, (_, step): [number, number] => {
    const angle = (step / 48) * 2 * Math.PI;
    return [point.lon + (radius / shrink) * Math.cos(angle), point.lat + radius * Math.sin(angle)];
  });
  return { type: "Feature", properties: { id: point.id }, geometry: { type: "Polygon", coordinates: [ring] } };
}

const widthByOrder = (extra: number) =>
  ["interpolate", ["linear"], ["zoom"],
    6, ["+", extra, ["min", ["get", "order"], 6]],
    13, ["+", extra, ["*", 2.5, ["min", ["get", "order"], 6]]],
  ] as unknown as number;

/** Colours of marked reaches; styles/network.css has the same for the key beside the map. */
const waterColour = ["match", ["get", "mark"],
  "chosen", "#a3271a", "side", "#0a5f86", "none", "#a3271a", "little", "#d98a00", "ample", "#2c7d4f", "#7fb9d8",
] as unknown as string;

export function offlineStyle(points: Point[], reaches: Reach[]): StyleSpecification {
  const line = { "line-cap": "round", "line-join": "round" } as const;
  return {
    version: 8,
    sources: {
      reaches: { type: "geojson", data: collection(reaches.map(reachFeature)) },
      approximate: { type: "geojson", data: collection(points.filter(isApproximate).map(approximateFeature)) },
    },
    layers: [
      { id: "background", type: "background", paint: { "background-color": "#eef4f3" } },
      { id: "reach-bank", type: "line", source: "reaches", layout: line, paint: { "line-color": "#ffffff", "line-width": widthByOrder(3) } },
      { id: "reach-water", type: "line", source: "reaches", layout: line, paint: { "line-color": waterColour, "line-width": widthByOrder(0) } },
      // A thin line is hard to hit with a finger: this one is not seen.
      { id: "reach-touch", type: "line", source: "reaches", layout: line, paint: { "line-opacity": 0, "line-width": widthByOrder(16) } },
      { id: "approximate-area", type: "fill", source: "approximate", paint: { "fill-color": "#0a6a82", "fill-opacity": 0.1 } },
      { id: "approximate-edge", type: "line", source: "approximate", paint: { "line-color": "#0a6a82", "line-width": 1, "line-dasharray": [3, 3], "line-opacity": 0.6 } },
    ],
  };
}
