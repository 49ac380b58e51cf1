import type { Element } from "ltx";

/** A parsed XML element, as the XMPP library delivers it. Match by namespace, never by prefix. */
export type XmlElement = Element;
