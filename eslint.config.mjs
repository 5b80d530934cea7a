import js from "@eslint/js";
import * as importX from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

/**
 * Who may import whom, as allow-lists (docs/architecture.md has the same table in words): what a room's files may import of this
 * repository, besides itself. Tests (*.test.ts, *.itest.ts, test/) may import whatever they test.
 */
const ROOMS = [
  { room: "contract", mayImport: [] },
  { room: "settings", mayImport: ["contract"] },
  { room: "templates", mayImport: ["contract"] },
  { room: "components", mayImport: ["contract", "templates", "settings/refusal.ts"] },
  // The one that puts settings and components together.
  { room: "components/compose.ts", mayImport: ["contract", "components", "settings"] },
  { room: "index.ts", mayImport: ["components/compose.ts", "settings"] },
  { room: "services/kit", mayImport: ["contract"] },
  { room: "services/registrator", mayImport: ["contract", "services/kit"] },
  { room: "services/reloader", mayImport: ["contract", "services/kit"] },
  // The autoscaler reads its settings with the program's own reader, and shares the engine's lock.
  { room: "ops", mayImport: ["contract", "services/kit", "settings/autoscale.ts", "engine/src/state/lock.ts"] },
  { room: "lab", mayImport: ["contract", "services/kit", "ops"] },
  { room: "engine/src", mayImport: ["engine/package.json"] },
];
const isFile = (path) => /\.\w+$/.test(path);
const zone = ({ room, mayImport }) => ({
  target: isFile(room) ? `./${room}` : `./${room}/**/!(*.test|*.itest).ts`,
  from: "./",
  except: ["./node_modules", `./${room}`, ...mayImport.map((path) => `./${path}`)],
  message: `${room} may import of this repository: ${[room, ...mayImport].join(", ")}.`,
});
const borders = ROOMS.map((one) => ({
  files: [isFile(one.room) ? one.room : `${one.room}/**/*.ts`],
  // What is said of a file in a room takes the room's place.
  ignores: ROOMS.map(({ room }) => room).filter((room) => isFile(room) && room.startsWith(`${one.room}/`)),
  rules: { "import-x/no-restricted-paths": ["error", { zones: [zone(one)], basePath: import.meta.dirname }] },
}));

/** Packages that a room must not have: services run in containers, ops and lab act from outside, as a user does. */
const noPulumi = {
  "no-restricted-imports": [
    "error",
    { patterns: [{ group: ["@pulumi/*"], message: "Pulumi is the program's and the engine's alone." }] },
  ],
};

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
    files: ["**/*.ts"],
    plugins: { "import-x": importX },
    settings: {
      "import-x/resolver-next": [importX.createNodeResolver({ extensions: [".ts", ".js", ".mjs", ".json"] })],
      "import-x/extensions": [".ts"],
      "import-x/parsers": { "@typescript-eslint/parser": [".ts"] },
    },
    rules: { "import-x/no-cycle": ["error", { ignoreExternal: true }] },
  },
  ...borders,
  { files: ["services/**/*.ts", "ops/**/*.ts", "lab/**/*.ts"], rules: noPulumi },
);
