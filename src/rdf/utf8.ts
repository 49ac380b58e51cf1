import { type Refusal, refuse } from "../outcome/refusal.ts";

/** The refusal of bytes that are not UTF-8, with the offset of the first wrong one. */
export function refuseUtf8(byteOffset: number): Refusal {
  return refuse(
    "malformed",
    `Expected UTF-8, but byte ${byteOffset} begins no valid character; save the text as UTF-8.`,
    {
      byteOffset,
    },
  );
}

/** The offset at which the first wrong or unfinished character begins, or the length when there is none. */
export function invalidByteOffset(bytes: Uint8Array): number {
  // A prefix is valid (perhaps with an unfinished character at its end) exactly up to the first wrong byte.
  const fits = (length: number): boolean => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  let [valid, invalid] = [0, bytes.length + 1];
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >>> 1;
    if (fits(middle)) valid = middle;
    else invalid = middle;
  }
  return valid - unfinishedLength(bytes.subarray(0, valid));
}

/** How many bytes at the end (of otherwise valid UTF-8) begin a character without finishing it: 0 to 3. */
export function unfinishedLength(bytes: Uint8Array): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const lead = bytes[bytes.length - length] ?? 0;
    if (lead < 0x80) return 0;
    if (lead >= 0xc0) return (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2) > length ? length : 0;
  }
  return 0;
}
