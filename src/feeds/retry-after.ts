/** How long a `Retry-After` (RFC 9110 §10.2.3) wants to be left alone, in milliseconds; undefined when it does not say. */
export function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const wait_ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(wait_ms) ? Math.max(0, wait_ms) : undefined;
}
