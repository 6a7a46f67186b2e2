/** Where the device is, with the accuracy that it states. */

import type { Position } from "./types";

const DIGITS = 7;

export function locate(seconds = 20): Promise<Position> {
  return new Promise((resolve, reject) => {
    if (!("geolocation" in navigator)) {
      reject(new Error("geolocation"));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords, timestamp }) =>
        resolve({
          lon: coords.longitude.toFixed(DIGITS),
          lat: coords.latitude.toFixed(DIGITS),
          accuracy: coords.accuracy.toFixed(1),
          at: Math.round(timestamp),
        }),
      (fault) => reject(new Error(fault.message || String(fault.code))),
      { enableHighAccuracy: true, timeout: seconds * 1000, maximumAge: 5000 },
    );
  });
}

const EARTH = 6371008.8;

/** Distance in metres on a sphere: enough to find the way. */
export function metres(a: { lon: number; lat: number }, b: { lon: number; lat: number }): number {
  const rad = Math.PI / 180;
  const [p, q] = [a.lat * rad, b.lat * rad];
  const h = Math.sin((q - p) / 2) ** 2 + Math.cos(p) * Math.cos(q) * Math.sin(((b.lon - a.lon) * rad) / 2) ** 2;
  return 2 * EARTH * Math.asin(Math.sqrt(h));
}
