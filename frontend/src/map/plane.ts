/** The flat map that every page draws on: north is up, one finger or the wheel belongs to a longer page. */

import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import {
  Map as Chart,
  NavigationControl,
  setWorkerUrl,
  type FitBoundsOptions,
  type LngLatBounds,
  type StyleSpecification,
} from "maplibre-gl";
import { make, say, type Labels } from "../labels";

setWorkerUrl(workerUrl);

export function hasWebGl(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}

/** Say something over the map, once. */
export function notice(box: HTMLElement, text: string): void {
  if (box.querySelector(".map-message")) return;
  const message = make("div", "notice notice-warn map-message", text);
  message.setAttribute("role", "status");
  box.append(message);
}

interface View {
  style: StyleSpecification;
  bounds: LngLatBounds;
  fitBoundsOptions: FitBoundsOptions;
  /** A map within a longer page leaves the wheel and the single finger to the page. */
  cooperativeGestures: boolean;
}

export function plane(container: HTMLElement, view: View, labels: Labels): Chart {
  const map = new Chart({
    container,
    ...view,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    locale: {
      "Map.Title": say(labels, "map"),
      "NavigationControl.ZoomIn": say(labels, "zoom_in"),
      "NavigationControl.ZoomOut": say(labels, "zoom_out"),
      "Popup.Close": say(labels, "close"),
      "CooperativeGesturesHandler.WindowsHelpText": say(labels, "gesture_wheel"),
      "CooperativeGesturesHandler.MacHelpText": say(labels, "gesture_wheel_mac"),
      "CooperativeGesturesHandler.MobileHelpText": say(labels, "gesture_fingers"),
    },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  return map;
}
