import type { Refusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Quad } from "../../rdf/term.ts";

/** A page to be read as RDF. */
export interface PageWish {
  readonly signal: AbortSignal;
  /** What its last answer had, to hear only whether it changed. */
  readonly etag?: string;
  readonly lastModified?: string;
}

/** A page as it came, and for how long it may be kept (RFC 9111). */
export interface ReadPage {
  readonly kind: "page";
  /** Where redirects led. */
  readonly url: Iri;
  readonly quads: readonly Quad[];
  readonly fresh_ms: number;
  /** Whether it may be remembered at all (`no-store`). */
  readonly mayKeep: boolean;
  readonly etag?: string;
  readonly lastModified?: string;
  /** The next page of the same list (RFC 8288), on the same host. */
  readonly next?: Iri;
}

/** Reads other hubs' pages as a crawler should that nobody asked for. */
export interface PoliteWeb {
  /**
   * Waits until a host may be asked again: its robots.txt allows the address, it did not ask for a pause, and its last
   * turn was long enough ago. Refuses with `forbidden` (robots.txt), `unavailable` (a pause, which lasts
   * `detail.retryAfter_s` still), `timed-out`, and what keeps its robots.txt from being read (RFC 9309 §2.3.1.4).
   */
  turn(address: string, signal: AbortSignal): Promise<undefined | Refusal>;
  /**
   * Reads a page as RDF, each hop of a redirect in its own turn. Refuses as {@link turn}, with `forbidden` for private
   * addresses, and with `remote-refused`, `remote-unreachable` and `too-large`; each sentence names the host.
   */
  read(
    address: Iri,
    wish: PageWish,
  ): Promise<ReadPage | { readonly kind: "unchanged"; readonly fresh_ms: number } | Refusal>;
}
