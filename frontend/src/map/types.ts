import type { Labels } from "../labels";

/** A place on the map. `digits` is the number of decimals its coordinate was given with. */
export interface Point {
  id: string;
  name: string;
  url: string;
  lon: number;
  lat: number;
  digits: number;
  class: number | null;
  state: "attained" | "not_attained" | "not_judged" | "no_target";
  target: number | null;
  water?: string | null;
  kind: string;
  /** Why there is no class: a key of the server's list of reasons, or a text. */
  reason?: string | null;
  /** What the disc shows where nothing is classed at all; `reason` is then what the place is. */
  sign?: string;
  /** One of many that are of less use: drawn as a dot without a sign. */
  small?: boolean;
}

/** A schematic reach of a river; `order` 1 is the smallest. */
export interface Reach {
  name: string;
  points: [number, number][];
  kind: string;
  order: number;
  /** Of a network: its id, how it is marked (a colour of style.ts) and the page that a click leads to. */
  id?: string;
  mark?: string;
  url?: string;
}

export interface Basemap {
  kind: "geojson" | "tianditu" | "pmtiles";
  url: string | string[];
  attribution: string;
  review_number: string;
}

export interface MapData {
  points: Point[];
  reaches: Reach[];
  basemap: Basemap | null;
  labels: Labels;
}
