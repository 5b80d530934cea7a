const transform = {
  "^.+\\.ts$": [
    "@swc/jest",
    { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } },
  ],
};
/** Limits that only a hang reaches, on whatever machine: no test has one of its own. */
const minutes = (count) => count * 60_000;
const project = (displayName, testLimitMs, testMatch) => ({
  displayName,
  globals: { testLimitMs },
  setupFilesAfterEnv: ["<rootDir>/test/support/test-limit.ts"],
  testMatch,
  transform,
  testEnvironment: "node",
  testEnvironmentOptions: { globalsCleanup: "off" },
  modulePathIgnorePatterns: ["/dist/", "/.state/", "<rootDir>/site/"],
});

export default {
  projects: [
    project("unit", minutes(30), [
      "<rootDir>/test/unit/**/*.test.ts",
      "<rootDir>/services/**/*.test.ts",
      "<rootDir>/ops/**/*.test.ts",
      "<rootDir>/lab/**/*.test.ts",
      "<rootDir>/engine/test/unit/**/*.test.ts",
    ]),
    project("protocol", minutes(30), [
      "<rootDir>/engine/test/protocol/**/*.test.ts",
      "<rootDir>/test/protocol/**/*.test.ts",
    ]),
    project("integration", minutes(30), [
      "<rootDir>/test/integration/**/*.test.ts",
      "<rootDir>/engine/test/integration/**/*.test.ts",
      "<rootDir>/services/*/test/integration/**/*.itest.ts",
    ]),
  ],
};
