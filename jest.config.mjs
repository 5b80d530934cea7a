const transform = {
  "^.+\\.ts$": [
    "@swc/jest",
    { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } },
  ],
};
const project = (displayName, testMatch, extra = {}) => ({
  displayName,
  testMatch,
  transform,
  testEnvironment: "node",
  testEnvironmentOptions: { globalsCleanup: "off" },
  modulePathIgnorePatterns: ["/dist/", "/.state/", "<rootDir>/site/"],
  ...extra,
});

export default {
  projects: [
    project("unit", [
      "<rootDir>/test/unit/**/*.test.ts",
      "<rootDir>/services/**/*.test.ts",
      "<rootDir>/autoscaler/**/*.test.ts",
      "<rootDir>/campaign/**/*.test.ts",
      "<rootDir>/engine/test/unit/**/*.test.ts",
    ]),
    project("protocol", ["<rootDir>/engine/test/protocol/**/*.test.ts", "<rootDir>/test/protocol/**/*.test.ts"]),
    project("integration", [
      "<rootDir>/test/integration/**/*.test.ts",
      "<rootDir>/engine/test/integration/**/*.test.ts",
      "<rootDir>/services/*/test/integration/**/*.itest.ts",
    ]),
  ],
};
