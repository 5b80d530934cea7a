// Against a real Docker engine and a real Consul: npx jest -c services/test/jest.integration.config.mjs --runInBand
const swc = { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } };

export default {
  rootDir: "../..",
  testMatch: ["<rootDir>/services/*/test/integration/*.itest.ts"],
  transform: { "^.+\\.ts$": ["@swc/jest", swc] },
  testEnvironment: "node",
  testTimeout: 120_000,
};
