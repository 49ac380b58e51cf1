import { defineConfig } from "vitest/config";

/** Unit tests need nothing but Node; scenarios start hubs, a real Prosody or a browser. */
export default defineConfig({
  test: {
    reporters: ["default", "./test/support/reporter.ts"],
    // Two cores: two files at once, each in a process of its own.
    pool: "forks",
    maxWorkers: 2,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
    setupFiles: ["./test/support/random-seed.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/scenarios/**"],
          // What is waited for comes; these are for what does not, on a machine that may have much else to do.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "scenarios",
          include: ["test/scenarios/**/*.test.ts"],
          globalSetup: ["test/support/test-store.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
