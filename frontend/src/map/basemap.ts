/** The authority's own base map, under everything else: a file of its own, or the national map service (天地图). */

import { addProtocol, type LayerSpecification, type Map as Chart, type SourceSpecification } from "maplibre-gl";
import type { Basemap } from "./types";

/** The lowest of our own layers; the base map goes under it. */
const ABOVE = "reach-bank";

const urls = (basemap: Basemap): string[] => (Array.isArray(basemap.url) ? basemap.url : [basemap.url]);

function shapes(source: string, layer?: string): LayerSpecification[] {
  const from = layer ? { source, "source-layer": layer } : { source };
  const id = layer ? `base-${layer}` : "base";
  return [
    { id: `${id}-area`, type: "fill", ...from, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#f7f5ee", "fill-opacity": 0.8 } },
    { id: `${id}-line`, type: "line", ...from, filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": "#9fb0b6", "line-width": 0.8 } },
  ];
}

function add(map: Chart, name: string, source: SourceSpecification, layers: LayerSpecification[]): void {
  map.addSource(name, source);
  for (const layer of layers) map.addLayer(layer, ABOVE);
}

function addTiles(map: Chart, basemap: Basemap): void {
  // One address per layer of the service, for example the map and its names.
  for (const [index, url] of urls(basemap).entries()) {
    const name = `base-${index}`;
    add(map, name, { type: "raster", tiles: [url], tileSize: 256, maxzoom: 18 }, [{ id: name, type: "raster", source: name }]);
  }
}

async function addArchive(map: Chart, basemap: Basemap): Promise<void> {
  const { PMTiles, Protocol, TileType } = await import("pmtiles");
  const protocol = new Protocol();
  addProtocol("pmtiles", protocol.tile);
  const address = new URL(urls(basemap)[0] ?? "", location.href).href;
  const archive = new PMTiles(address);
  protocol.add(archive);
  const header = await archive.getHeader();
  const url = `pmtiles://${address}`;
  if (header.tileType === TileType.Mvt) {
    const metadata = (await archive.getMetadata()) as { vector_layers?: { id: string }[] };
    const layers = (metadata.vector_layers ?? []).flatMap((layer) => shapes("base", layer.id));
    add(map, "base", { type: "vector", url }, layers);
  } else {
    add(map, "base", { type: "raster", url, tileSize: 256 }, [{ id: "base", type: "raster", source: "base" }]);
  }
}

export async function addBasemap(map: Chart, basemap: Basemap): Promise<void> {
  if (basemap.kind === "tianditu") addTiles(map, basemap);
  else if (basemap.kind === "pmtiles") await addArchive(map, basemap);
  else add(map, "base", { type: "geojson", data: urls(basemap)[0] ?? "" }, shapes("base"));
}
