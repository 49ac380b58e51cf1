import type * as RDF from "@rdfjs/types";
import { DataFactory } from "n3";

/** RDF/JS terms and quads, as every floor sees them. */
export type Term = RDF.Term;
export type NamedNode = RDF.NamedNode;
export type BlankNode = RDF.BlankNode;
export type Literal = RDF.Literal;
export type Quad = RDF.Quad;
export type QuadSubject = RDF.Quad_Subject;
export type QuadObject = RDF.Quad_Object;

/** The RDF/JS data factory used throughout (N3's, whose terms the N3 Store indexes without conversion). */
export const { namedNode, literal, blankNode, defaultGraph, quad }: RDF.DataFactory = DataFactory;
