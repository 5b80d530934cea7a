import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** Who may import whom (see docs/architecture.md): one rule, so that a wrong import fails the lint, not a review. */
const noImport = (group, message) => ({ "no-restricted-imports": ["error", { patterns: [{ group, message }] }] });

/** Intervals are measured on a clock that nobody sets. The wall clock is for people: `new Date().toISOString()`, or services/kit/clock. */
const noWallClock = [
  "MemberExpression[object.name='Date'][property.name='now']",
  "NewExpression[callee.name='Date'][arguments.length=0]:not(MemberExpression[property.name='toISOString'] > NewExpression)",
].map((selector) => ({
  selector,
  message:
    "The wall clock may be set at any time: measure intervals by monotonicMs of services/kit/clock or performance.now(). Where a time is for people, or compared with Docker's stamps, take wallMs, or disable this line and say why.",
}));

export default tseslint.config(
  // site/ holds other people's code
  { ignores: ["**/dist/**", "**/node_modules/**", ".state/**", "coverage/**", "bin/**", "site/**"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: ["./tsconfig.json", "./engine/tsconfig.json"], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    },
  },
  {
    files: ["**/*.mjs"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        URL: "readonly",
        setTimeout: "readonly",
        clearTimeout: "readonly",
        setInterval: "readonly",
        clearInterval: "readonly",
        fetch: "readonly",
        performance: "readonly",
        Buffer: "readonly",
        AbortSignal: "readonly",
      },
    },
  },
  {
    files: ["components/**", "contract/**", "settings/**", "services/**", "ops/**", "lab/**", "scripts/**", "test/**"],
    rules: { "no-restricted-syntax": ["error", ...noWallClock] },
  },
  {
    files: ["components/**/*.ts"],
    rules: noImport(
      ["**/services/*", "**/engine/*", "@wordpress-autoscaling/*"],
      "components know neither the services nor the engine",
    ),
  },
  {
    files: ["services/**/*.ts"],
    rules: noImport(
      ["**/engine/*", "@wordpress-autoscaling/*", "@pulumi/*"],
      "services run in containers: nothing of Pulumi or the engine",
    ),
  },
  {
    files: ["lab/**/*.ts"],
    rules: noImport(
      ["**/engine/*", "@wordpress-autoscaling/*", "@pulumi/*"],
      "the campaign drives the stack from outside, as a user does",
    ),
  },
  {
    files: ["ops/**/*.ts"],
    rules: noImport(
      ["**/components/*", "!**/components/labels", "**/engine/src/*", "!**/engine/src/state", "@pulumi/*"],
      "the autoscaler acts through the stack alone; of the engine it shares the lock",
    ),
  },
  {
    files: ["engine/src/**/*.ts"],
    rules: noImport(["../../../*", "**/components/*", "**/services/*"], "the engine knows nothing of the program"),
  },
);
