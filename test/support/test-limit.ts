/** Jest takes a limit for all projects alone: each project's own, as jest.config.mjs names it, is set here. */
jest.setTimeout((globalThis as unknown as { testLimitMs: number }).testLimitMs);
