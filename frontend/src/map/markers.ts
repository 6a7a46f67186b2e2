/** One marker per point: a disc with the class numeral, the target beside it, the state as a ring. */

import { Marker, Popup, type Map as Chart } from "maplibre-gl";
import { make, NUMERALS, say, type Labels } from "../labels";
import { overlaps, spread, type Box, type Rectangle } from "./layout";
import { isApproximate } from "./style";
import type { Point } from "./types";

/** What a disc shows in place of a numeral, so that no reason looks like another. */
const SIGNS: Record<string, string> = { water_type_unknown: "?", offline: "×", under_review: "…", not_sampled: "○", not_valid_then: "·", cannot_be_judged: "~" };

export const signOf = (point: Point): string =>
  point.sign ? point.sign : point.class === null ? (SIGNS[point.reason ?? ""] ?? "–") : (NUMERALS[point.class] ?? "–");

export function reasonText(point: Point, labels: Labels): string {
  const reason = point.reason || "no_data";
  return labels[`reason_${reason}`] ?? reason;
}

const classText = (point: Point, labels: Labels): string =>
  point.class === null ? reasonText(point, labels) : `${NUMERALS[point.class]} ${labels[`class_${point.class}`] ?? ""}`.trim();

function describe(point: Point, labels: Labels): string {
  if (point.sign) return [point.name, point.reason ?? ""].join(say(labels, "comma"));
  const parts = [point.name, `${say(labels, "class")} ${classText(point, labels)}`];
  if (point.target) parts.push(`${say(labels, "target")} ${NUMERALS[point.target]}`);
  parts.push(say(labels, point.state));
  if (isApproximate(point)) parts.push(say(labels, "approximate_short"));
  return parts.join(say(labels, "comma"));
}

/** What lies on a network has a kind and no class. */
function placeContent(box: HTMLElement, point: Point, labels: Labels): HTMLElement {
  box.append(make("p", "", [point.reason, point.water].filter(Boolean).join(" · ")));
  if (isApproximate(point)) box.append(make("p", "map-approximate", say(labels, "approximate")));
  if (point.url) {
    const link = make("a", "btn btn-primary btn-sm", say(labels, "side"));
    link.href = point.url;
    box.append(link);
  }
  return box;
}

function popupContent(point: Point, labels: Labels): HTMLElement {
  const box = make("div", "map-popup");
  box.append(make("strong", "", point.name));
  const facts = make("dl", "facts");
  const add = (name: string, ...value: (Node | string)[]) => {
    const cell = make("dd");
    cell.append(...value);
    facts.append(make("dt", "", name), cell);
  };
  if (point.sign) return placeContent(box, point, labels);
  const badge = make("span", `klass klass-${point.class ?? "none"}`, point.class ? NUMERALS[point.class] : reasonText(point, labels));
  add(say(labels, "class"), badge, point.class ? ` ${labels[`class_${point.class}`] ?? ""}` : "");
  add(say(labels, "target"), point.target ? `${NUMERALS[point.target]}　${say(labels, point.state)}` : say(labels, "no_target"));
  box.append(facts);
  if (point.water) box.append(make("p", "", point.water));
  if (isApproximate(point)) box.append(make("p", "map-approximate", say(labels, "approximate")));
  if (point.url) {
    const link = make("a", "btn btn-primary btn-sm", say(labels, "details"));
    link.href = point.url;
    box.append(link);
  }
  return box;
}

function markerElement(point: Point, labels: Labels): HTMLButtonElement {
  const looks = [isApproximate(point) && "is-approximate", point.sign && "has-sign", point.small && "is-small"].filter(Boolean);
  const button = make("button", ["pin", `kind-${point.kind}`, `state-${point.state}`, ...looks].join(" "));
  button.type = "button";
  button.setAttribute("aria-label", describe(point, labels));
  button.append(make("span", "pin-line"));
  button.append(make("span", `pin-disc klass-${point.class ?? "none"}`, point.small ? "" : signOf(point)));
  if (point.target) button.append(make("span", "pin-target", `${say(labels, "target_short")}${NUMERALS[point.target]}`));
  if (point.state === "not_attained") button.append(make("span", "pin-alarm", "!"));
  button.append(make("span", "pin-name", point.name));
  return button;
}

interface Pin {
  point: Point;
  marker: Marker;
  element: HTMLElement;
}

export class Pins {
  private readonly pins: Pin[];

  constructor(private readonly map: Chart, points: Point[], labels: Labels) {
    // The best classes first, so that the worst lie on top.
    const ordered = [...points].sort((a, b) => (a.class ?? 0) - (b.class ?? 0));
    this.pins = ordered.map((point) => this.addPin(point, labels));
    map.on("move", () => this.arrange());
    map.on("resize", () => this.arrange());
    this.arrange();
  }

  private addPin(point: Point, labels: Labels): Pin {
    const element = markerElement(point, labels);
    const marker = new Marker({ element, anchor: "center" }).setLngLat([point.lon, point.lat]);
    const popup = new Popup({ offset: 18, maxWidth: "280px", closeButton: true, focusAfterOpen: true });
    popup.setDOMContent(popupContent(point, labels));
    popup.on("open", () => element.setAttribute("aria-expanded", "true"));
    popup.on("close", () => element.setAttribute("aria-expanded", "false"));
    element.setAttribute("aria-expanded", "false");
    marker.setPopup(popup).addTo(this.map);
    return { point, marker, element };
  }

  /** Move overlapping markers aside, draw the line to their place, show the names that find room. */
  private arrange(): void {
    // Dots stay at their place; what has a sign moves aside for others that have one.
    const boxes = this.pins.filter((pin) => !pin.point.small).map((pin): Box => {
      const { x, y } = this.map.project([pin.point.lon, pin.point.lat]);
      return { x, y, width: pin.point.target ? 70 : 36, height: 34, dx: 0, dy: 0 };
    });
    spread(boxes);
    const shown = this.pins.filter((pin) => !pin.point.small);
    shown.forEach((pin, index) => this.place(pin, boxes[index]!));
    this.showNames(shown, boxes);
  }

  private place(pin: Pin, box: Box): void {
    pin.marker.setOffset([box.dx, box.dy]);
    const line = pin.element.querySelector<HTMLElement>(".pin-line")!;
    const length = Math.hypot(box.dx, box.dy);
    line.hidden = length < 6;
    line.style.width = `${length}px`;
    line.style.rotate = `${Math.atan2(-box.dy, -box.dx)}rad`;
  }

  private showNames(pins: Pin[], boxes: Box[]): void {
    const taken = boxes.map((box): Rectangle => {
      const x = box.x + box.dx;
      const y = box.y + box.dy;
      return { left: x - box.width / 2, right: x + box.width / 2, top: y - 17, bottom: y + 17 };
    });
    pins.forEach((pin, index) => {
      const own = taken[index]!;
      const middle = (own.left + own.right) / 2;
      const half = (pin.point.name.length * 13) / 2 + 4;
      const room = { left: middle - half, right: middle + half, top: own.bottom + 1, bottom: own.bottom + 19 };
      const free = !taken.some((other) => overlaps(other, room));
      pin.element.classList.toggle("has-name", free);
      if (free) taken.push(room);
    });
  }
}
