/** One of the W3C's suites. */
export interface Suite {
  readonly name: "query" | "update" | "results" | "protocol" | "service-description" | "graph-store";
  /** Path in the suite's folder. */
  readonly manifest: string;
  /** Answers go through the hub's writers of result formats before they are compared. */
  readonly throughWriters?: true;
  /** What rdf-test-suite calls the address that the requests of these tests go to. */
  readonly endpoint?: "protocolEndpoint" | "serviceDescriptionEndpoint" | "graphStoreEndpoint";
}

/** The suites that the hub is held to. Federation is not among them: `SERVICE` is not open here. */
export const SUITES: readonly Suite[] = [
  { name: "query", manifest: "manifest-sparql11-query.ttl" },
  { name: "update", manifest: "manifest-sparql11-update.ttl" },
  { name: "results", manifest: "manifest-sparql11-results.ttl", throughWriters: true },
  { name: "protocol", manifest: "protocol/manifest.ttl", endpoint: "protocolEndpoint" },
  { name: "service-description", manifest: "service-description/manifest.ttl", endpoint: "serviceDescriptionEndpoint" },
  { name: "graph-store", manifest: "graph-store-protocol/manifest.ttl", endpoint: "graphStoreEndpoint" },
];

/** Tests that fail with the query source off, by IRI, and why; one that passes then must be taken off. */
export const KNOWN_FAILURES: Readonly<Record<string, string>> = {
  "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/aggregates/manifest#agg-empty-group-count-graph":
    "Comunica 5.4.1 loses the graphs in which a group without rows counts nothing (on its own list of skips)",
  "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/bindings/manifest#graph":
    "Comunica 5.4.1 does not go through the graphs for a GRAPH ?g that holds only VALUES (on its own list of skips)",
};
