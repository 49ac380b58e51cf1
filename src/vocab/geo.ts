// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** Basic Geo: a point on the Earth (WGS 84). */
export const geo = Object.freeze({
  namespace: "http://www.w3.org/2003/01/geo/wgs84_pos#",
  /** A point given by its coordinates. */
  Point: namedNode("http://www.w3.org/2003/01/geo/wgs84_pos#Point"),
  /** Something that has a place. */
  SpatialThing: namedNode("http://www.w3.org/2003/01/geo/wgs84_pos#SpatialThing"),
  /** Height above the ellipsoid in metres. */
  alt: namedNode("http://www.w3.org/2003/01/geo/wgs84_pos#alt"),
  /** Latitude in decimal degrees, north positive. */
  lat: namedNode("http://www.w3.org/2003/01/geo/wgs84_pos#lat"),
  /** Where something is. */
  location: namedNode("http://www.w3.org/2003/01/geo/wgs84_pos#location"),
  /** Longitude in decimal degrees, east positive. */
  long: namedNode("http://www.w3.org/2003/01/geo/wgs84_pos#long"),
});
