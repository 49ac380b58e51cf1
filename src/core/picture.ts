import { type Refusal, refuse } from "../outcome/refusal.ts";

declare const pictureIdBrand: unique symbol;

/** What names a picture: the SHA-1 of its bytes in lower-case hex (XEP-0084 §4.2.1). */
export type PictureId = string & { readonly [pictureIdBrand]: true };

/** What is told of a picture. */
export interface PictureFacts {
  readonly type: PictureType;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
}

export const PICTURE_TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;
export type PictureType = (typeof PICTURE_TYPES)[number];

/** LIMIT: bytes of a picture; it goes over XMPP as one item, in base64. LIMIT: its pixels on one side. */
export const PICTURE_BYTES_MAX = 262_144;
const SIDE_MAX = 10_000;

type Size = Pick<PictureFacts, "width" | "height">;

/**
 * Reads what a picture is from its first bytes, whatever it is called. Refuses with `too-large`, with
 * `unsupported-media-type` what is no PNG, JPEG, GIF or WebP, and with `invalid` what is broken or has no size.
 */
export function readPicture(bytes: Uint8Array): PictureFacts | Refusal {
  if (bytes.length > PICTURE_BYTES_MAX) {
    return refuse(
      "too-large",
      `Expected a picture of at most ${PICTURE_BYTES_MAX} bytes, but got ${bytes.length}; make it smaller first.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = typeOf(bytes);
  if (type === undefined) {
    return refuse("unsupported-media-type", "Expected a PNG, JPEG, GIF or WebP picture, but got something else.");
  }
  const size = SIZE_OF[type](view, bytes);
  if (size === undefined || !isSide(size.width) || !isSide(size.height)) {
    return refuse("invalid", `Expected a whole ${type} of 1 to ${SIDE_MAX} pixels a side, but got one without a size.`);
  }
  return { type, bytes: bytes.length, ...size };
}

function typeOf(bytes: Uint8Array): PictureType | undefined {
  if (starts(bytes, 0, "\u0089PNG\r\n\u001A\n")) return "image/png";
  if (starts(bytes, 0, "\u00FF\u00D8\u00FF")) return "image/jpeg";
  if (starts(bytes, 0, "GIF87a") || starts(bytes, 0, "GIF89a")) return "image/gif";
  return starts(bytes, 0, "RIFF") && starts(bytes, 8, "WEBP") ? "image/webp" : undefined;
}

function starts(bytes: Uint8Array, at: number, text: string): boolean {
  return [...text].every((character, index) => bytes[at + index] === character.charCodeAt(0));
}

function isSide(pixels: number): boolean {
  return pixels >= 1 && pixels <= SIDE_MAX;
}

const SIZE_OF: Readonly<Record<PictureType, (view: DataView, bytes: Uint8Array) => Size | undefined>> = {
  // ISO/IEC 15948 §11.2.2: IHDR comes first.
  "image/png": (view, bytes) =>
    bytes.length >= 24 && starts(bytes, 12, "IHDR")
      ? { width: view.getUint32(16), height: view.getUint32(20) }
      : undefined,
  "image/gif": (view, bytes) =>
    bytes.length >= 10 ? { width: view.getUint16(6, true), height: view.getUint16(8, true) } : undefined,
  "image/jpeg": jpegSize,
  "image/webp": webpSize,
};

/** ITU T.81 §B: segments until a frame header, which has the size. */
function jpegSize(view: DataView): Size | undefined {
  for (let at = 2; at + 9 <= view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    // The picture itself begins, and there was no frame.
    if (marker === 0xda || marker === 0xd9) return undefined;
    const length = view.getUint16(at + 2);
    if (length < 2) return undefined;
    at += 2 + length;
  }
  return undefined;
}

/** RFC 9649 §2.5 to §2.7: lossy, lossless, extended. */
function webpSize(view: DataView, bytes: Uint8Array): Size | undefined {
  if (starts(bytes, 12, "VP8L") && view.byteLength >= 25) {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (view.byteLength < 30) return undefined;
  if (starts(bytes, 12, "VP8X")) {
    const three = (at: number): number => view.getUint16(at, true) + view.getUint8(at + 2) * 65_536;
    return { width: three(24) + 1, height: three(27) + 1 };
  }
  if (!starts(bytes, 12, "VP8 ")) return undefined;
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}
