/**
 * LIMIT: milliseconds after which a test says that something does not come. What comes takes seconds on a calm machine;
 * a busy one may be many times slower, some things come only with the hub's next attempt, and waiting costs nothing
 * where they come.
 */
export const PATIENCE_MS = 120_000;
