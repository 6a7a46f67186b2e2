/** Photographs: their digest, and the check sum that a ZIP file wants; the bytes are never changed. */

import type { Picture } from "./types";

const TABLE = Uint32Array.from({ length: 256 }, (_, start) => {
  let value = start;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

export function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ TABLE[(value ^ byte) & 0xff]!;
  return (value ^ 0xffffffff) >>> 0;
}

export async function describe(file: File): Promise<Picture> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return {
    sha256: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    crc32: crc32(bytes),
    size: bytes.length,
    name: file.name || "photo.jpg",
    type: file.type,
  };
}

export function isPhotograph(file: File): boolean {
  return ["image/jpeg", "image/png"].includes(file.type);
}
