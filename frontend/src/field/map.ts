/** The points on a plain map: nothing is fetched, so that it draws without signal. */

import { word } from "./page";
import type { Point } from "./types";

const METRES_PER_DEGREE = 111_195;
const REACH = 22;
const MOST_NAMES = 25;

interface Spot {
  x: number;
  y: number;
  point: Point;
}

export class PointMap {
  private readonly box: HTMLCanvasElement;
  private readonly spots: Spot[] = [];
  private readonly touches = new Map<number, { x: number; y: number }>();
  private centre = { lon: 0, lat: 0 };
  /** Metres for each pixel. */
  private scale = 20;
  private moved = 0;
  private here: { lon: number; lat: number; accuracy: number } | null = null;

  constructor(private readonly points: Point[], private readonly open: (point: Point) => void) {
    this.box = document.createElement("canvas");
    this.box.className = "field-map";
    this.box.setAttribute("role", "img");
    this.box.setAttribute("aria-label", word("map"));
    this.box.onpointerdown = (event) => this.down(event);
    this.box.onpointermove = (event) => this.move(event);
    this.box.onpointerup = this.box.onpointercancel = (event) => this.up(event);
    this.box.onwheel = (event) => {
      event.preventDefault();
      this.zoom(event.deltaY > 0 ? 1.25 : 0.8);
    };
  }

  get canvas(): HTMLCanvasElement {
    return this.box;
  }

  /** Show all points; to be called once the canvas has its size. */
  fit(): void {
    const placed = this.points.filter((point) => point.lon && point.lat);
    const lons = placed.map((point) => Number(point.lon)).sort((a, b) => a - b);
    const lats = placed.map((point) => Number(point.lat)).sort((a, b) => a - b);
    if (placed.length) {
      const [west, east, south, north] = [lons[0]!, lons[lons.length - 1]!, lats[0]!, lats[lats.length - 1]!];
      this.centre = { lon: (west + east) / 2, lat: (south + north) / 2 };
      const wide = ((east - west) * this.narrowing() * METRES_PER_DEGREE) / Math.max(this.box.clientWidth - 60, 100);
      const high = ((north - south) * METRES_PER_DEGREE) / Math.max(this.box.clientHeight - 60, 100);
      this.scale = Math.max(wide, high, 0.5);
    }
    this.draw();
  }

  showHere(lon: number, lat: number, accuracy: number, go: boolean): void {
    this.here = { lon, lat, accuracy };
    if (go) {
      this.centre = { lon, lat };
      this.scale = Math.min(this.scale, 3);
    }
    this.draw();
  }

  zoom(factor: number): void {
    this.scale = Math.min(Math.max(this.scale * factor, 0.1), 2000);
    this.draw();
  }

  private narrowing(): number {
    return Math.cos((this.centre.lat * Math.PI) / 180);
  }

  private place(lon: number, lat: number): { x: number; y: number } {
    const across = (lon - this.centre.lon) * this.narrowing() * METRES_PER_DEGREE;
    const up = (lat - this.centre.lat) * METRES_PER_DEGREE;
    return { x: this.box.clientWidth / 2 + across / this.scale, y: this.box.clientHeight / 2 - up / this.scale };
  }

  private draw(): void {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [this.box.clientWidth, this.box.clientHeight];
    this.box.width = width * ratio;
    this.box.height = height * ratio;
    const pen = this.box.getContext("2d")!;
    pen.scale(ratio, ratio);
    pen.fillStyle = "#eef4f7";
    pen.fillRect(0, 0, width, height);
    pen.font = "13px system-ui, sans-serif";
    this.drawPoints(pen, width, height);
    this.drawHere(pen);
    this.drawScale(pen, height);
  }

  private drawPoints(pen: CanvasRenderingContext2D, width: number, height: number): void {
    this.spots.length = 0;
    for (const point of this.points) {
      if (!point.lon || !point.lat) continue;
      const { x, y } = this.place(Number(point.lon), Number(point.lat));
      if (x > -10 && y > -10 && x < width + 10 && y < height + 10) this.spots.push({ x, y, point });
    }
    for (const { x, y, point } of this.spots) {
      pen.beginPath();
      pen.arc(x, y, 8, 0, 2 * Math.PI);
      pen.fillStyle = ["signed_off", "no_action", "not_outfall"].includes(point.stage) ? "#12733a" : "#a63a08";
      pen.fill();
      pen.lineWidth = 2;
      pen.strokeStyle = "#fff";
      pen.stroke();
    }
    if (this.spots.length <= MOST_NAMES) this.drawNames(pen, width);
  }

  /** Names stand where there is room for them; the others come when one goes nearer. */
  private drawNames(pen: CanvasRenderingContext2D, width: number): void {
    pen.fillStyle = "#17303b";
    const taken: { left: number; right: number; y: number }[] = [];
    for (const { x, y, point } of this.spots) {
      const long = pen.measureText(point.name).width;
      const left = x + 12 + long > width ? x - 12 - long : x + 12;
      const crosses = taken.some((other) => left < other.right && other.left < left + long && Math.abs(other.y - y) < 18);
      const covers = this.spots.some((spot) => spot.point !== point && spot.x > left - 8 && spot.x < left + long + 8 && Math.abs(spot.y - y) < 14);
      if (crosses || covers) continue;
      taken.push({ left, right: left + long, y });
      pen.fillText(point.name, left, y + 5);
    }
  }

  private drawHere(pen: CanvasRenderingContext2D): void {
    if (!this.here) return;
    const { x, y } = this.place(this.here.lon, this.here.lat);
    pen.beginPath();
    pen.arc(x, y, Math.max(this.here.accuracy / this.scale, 9), 0, 2 * Math.PI);
    pen.fillStyle = "rgb(11 92 138 / 18%)";
    pen.fill();
    pen.beginPath();
    pen.arc(x, y, 6, 0, 2 * Math.PI);
    pen.fillStyle = "#0b5c8a";
    pen.fill();
  }

  private drawScale(pen: CanvasRenderingContext2D, height: number): void {
    const target = this.scale * 90;
    const power = 10 ** Math.floor(Math.log10(target));
    const metres = [5, 2, 1].map((step) => step * power).find((step) => step <= target) ?? power;
    pen.fillStyle = "#17303b";
    pen.fillRect(14, height - 18, metres / this.scale, 3);
    pen.fillText(metres >= 1000 ? `${metres / 1000} km` : `${metres} m`, 14, height - 24);
    pen.fillText("↑ N", 14, 24);
  }

  private down(event: PointerEvent): void {
    this.box.setPointerCapture(event.pointerId);
    if (this.touches.size === 0) this.moved = 0;
    this.touches.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  }

  private move(event: PointerEvent): void {
    const before = this.touches.get(event.pointerId);
    if (!before) return;
    const now = { x: event.offsetX, y: event.offsetY };
    const other = [...this.touches].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const apart = (a: { x: number; y: number }): number => Math.hypot(a.x - other.x, a.y - other.y) || 1;
      this.scale = Math.min(Math.max((this.scale * apart(before)) / apart(now), 0.1), 2000);
    } else {
      this.centre.lon -= ((now.x - before.x) * this.scale) / (METRES_PER_DEGREE * this.narrowing());
      this.centre.lat += ((now.y - before.y) * this.scale) / METRES_PER_DEGREE;
    }
    this.moved += Math.hypot(now.x - before.x, now.y - before.y);
    this.touches.set(event.pointerId, now);
    this.draw();
  }

  private up(event: PointerEvent): void {
    this.touches.delete(event.pointerId);
    if (event.type !== "pointerup" || this.moved > 8 || this.touches.size) return;
    const far = ({ x, y }: Spot): number => Math.hypot(x - event.offsetX, y - event.offsetY);
    const nearest = this.spots.reduce<Spot | null>((best, spot) => (!best || far(spot) < far(best) ? spot : best), null);
    if (nearest && far(nearest) <= REACH) this.open(nearest.point);
  }
}
