/** What can break, as opposed to being refused. */
export const FAULT_CODES = [
  "store-corrupt",
  "store-locked",
  "store-full",
  "store-newer",
  "port-taken",
  "configuration",
  "service-missing",
  "service-failed",
  "internal",
] as const;

export type FaultCode = (typeof FAULT_CODES)[number];

/** Something broke. Thrown, never returned; its message is a sentence that says what to do. */
export class Fault extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "Fault";
    this.code = code;
  }
}
