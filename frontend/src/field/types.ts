/** What the server says about the forms, and what the device keeps. */

export interface Choice {
  value: string;
  label_zh: string;
  label_en: string;
}

export interface Field {
  name: string;
  type: "text" | "long" | "choice" | "yesno" | "number" | "people" | "many" | "bottles" | "division";
  label_zh: string;
  label_en: string;
  required?: boolean;
  initial?: string;
  choice?: Choice[];
  when?: [string, string];
  longest?: number;
  minimum?: string;
  maximum?: string;
  quick_zh?: string[];
  quick_en?: string[];
}

export type Kind = "discovery" | "visit" | "sample" | "custody" | "photograph";

export interface Form {
  id: Kind;
  label_zh: string;
  label_en: string;
  needs: string;
  field: Field[];
}

export interface Setting {
  forms: Form[];
  words: Record<"zh" | "en", Record<string, string>>;
  urls: Record<"hello" | "device" | "points" | "forms" | "uploads" | "worker" | "shell" | "sign_in", string>;
  limits: Record<"chunk" | "forms_at_once" | "points" | "poor_accuracy" | "photograph", number>;
}

export interface Position {
  lon: string;
  lat: string;
  accuracy: string;
  at: number;
}

/** A point as the server gave it: texts only, but for the version. */
export interface Point {
  id: string;
  version: number;
  code: string;
  name: string;
  division: string;
  town: string;
  address: string;
  landmark: string;
  stage: string;
  due: string;
  lon: string;
  lat: string;
  merged_into: string;
  removed_on: string;
}

export type State = "draft" | "waiting" | "sending" | "held" | "sent" | "conflict" | "refused" | "set_aside";

export interface Reason {
  what: { zh: string; en: string };
  remedy: { zh: string; en: string } | null;
  where?: { field?: string };
  problems?: { what: { zh: string; en: string }; where?: { field?: string } }[];
}

export interface Picture {
  sha256: string;
  crc32: number;
  size: number;
  name: string;
  type: string;
}

/** A form on the device. `body` is what is sent; it does not change any more once it has been sent. */
export interface Kept {
  client_id: string;
  kind: Kind;
  state: State;
  number: number;
  user: string;
  title: string;
  parent: string;
  fields: Record<string, unknown>;
  outfall: string;
  links: Partial<Record<"discovery" | "visit" | "sample", string>>;
  seen: Record<string, string>;
  position: Position | null;
  made_at: number;
  /** What the device's clock shows less what has run since the page began: it jumps when the clock is set. */
  clock_base: number;
  /** Which running page `clock_base` belongs to. */
  run: string;
  clock_changed: number;
  /** Whether it was sent once: from then on its body stays the same, so that the server knows it again. */
  frozen: boolean;
  contact: number | null;
  former: number | null;
  picture: Picture | null;
  reason: Reason | null;
  differences: { field: string; label: { zh: string; en: string }; seen: string; now: string }[];
  flags: { key: string; zh: string; en: string }[];
}

export interface Registration {
  key: string;
  device: string;
  expires_on: string;
  user: { id: string; name: string };
  city: { division: string; name: string } | null;
  counties: { division: string; name: string; name_en: string }[];
  may_sample: boolean;
}
