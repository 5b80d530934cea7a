/** What becomes of each thing that the CLI 3.260 reads (cli-3.260.json, listed once from its sources and its help). */
import facts from "./cli-3.260.json";

/** A test file below engine/test, and the title of a test in it. */
export type Held = readonly [file: string, title: string];

const CONFIG = "unit/commands/config.test.ts";
const STACK = "unit/commands/stack.test.ts";
const PROJECT = "unit/workspace/project.test.ts";
const FIELDS = "protocol/project-fields.test.ts";
const FLAGS = "protocol/flags.test.ts";
const SECRECY = "protocol/secrecy.test.ts";
const UP = "protocol/up-yes.test.ts";
const OPTIONS = "unit/commands/option-variables.test.ts";
const GRAPH: Held = [FLAGS, "stack graph leaves out edges, and colours and names as it is told"];
const HISTORY: Held = ["unit/commands/history.test.ts", "the latest comes first, as the CLI prints it"];
const PLANTED: Held = [SECRECY, "planted in every kind of place, and found in none that is kept or shown"];
const INTERACTIVE: Held = [
  FLAGS,
  "somebody is there to answer on a terminal, but not with --non-interactive or in a pipeline; --color and NO_COLOR colour",
];
const SELECTION = "protocol/selection.test.ts";
const NO_ACCOUNT: Held = [FLAGS, "variables of no account here change nothing"];
const FORMS: Held = [PROJECT, "Pulumi.yaml in its long and short forms"];
const REFUSED_FIELDS: Held = [FIELDS, "Pulumi.yaml with %s"];

export const FIELD_TESTS: Readonly<Record<string, Held>> = {
  name: FORMS,
  // Of a project that is published: they say nothing about a run, in the CLI neither.
  description: FORMS,
  author: [FIELDS, "what says nothing about a run is taken as it is"],
  website: [FIELDS, "what says nothing about a run is taken as it is"],
  license: [FIELDS, "what says nothing about a run is taken as it is"],
  template: [FIELDS, "what says nothing about a run is taken as it is"],
  main: FORMS,
  runtime: FORMS,
  "runtime.name": FORMS,
  "runtime.options.typescript": [
    FIELDS,
    "runtime.options.typescript: false compiles nothing, and tsconfig names the settings otherwise",
  ],
  "runtime.options.tsconfig": [
    FIELDS,
    "runtime.options.typescript: false compiles nothing, and tsconfig names the settings otherwise",
  ],
  "runtime.options.nodeargs": [FIELDS, "runtime.options.nodeargs reach node"],
  "runtime.options.production": [PROJECT, "the runtime's options"],
  "runtime.options.packagemanager": [PROJECT, "the runtime's options"],
  config: FORMS,
  "config.*.type": FORMS,
  "config.*.items": FORMS,
  "config.*.description": FORMS,
  "config.*.secret": ["unit/workspace/program-config.test.ts", "a key that must be secret and is not"],
  "config.*.default": FORMS,
  "config.*.value": FORMS,
  stackConfigDir: FORMS,
  backend: FORMS,
  "backend.url": FORMS,
  options: [PROJECT, "a Pulumi.yaml that is wrong is refused with the file and the reason"],
  "options.refresh": [
    "protocol/refresh-always.test.ts",
    "where nothing changed it starts the program once and writes no state",
  ],
  packages: REFUSED_FIELDS,
  plugins: REFUSED_FIELDS,
  "plugins.providers": [PROJECT, "what only the CLI has is noted, for the runs that it concerns"],
  "plugins.analyzers": [PROJECT, "what only the CLI has is noted, for the runs that it concerns"],
  "plugins.languages": REFUSED_FIELDS,
  requiredPulumiVersion: REFUSED_FIELDS,
};

export const STACK_FIELD_TESTS: Readonly<Record<string, Held>> = {
  secretsprovider: ["unit/workspace/stack-config.test.ts", "another secrets provider is noticed"],
  encryptedkey: ["unit/workspace/stack-config.test.ts", "another secrets provider is noticed"],
  encryptionsalt: [
    "unit/workspace/stack-config.test.ts",
    "the salt is written first, and the file's head comment stays at the head",
  ],
  config: ["unit/workspace/go-yaml.test.ts", "the table is large enough to mean something"],
  environment: [FIELDS, "an environment of Pulumi ESC, also where values are shown"],
};

/** Flags that are honoured, whichever command they are of. */
export const FLAG_TESTS: Readonly<Record<string, Held>> = {
  json: PLANTED,
  "show-secrets": PLANTED,
  "expect-no-changes": [
    "protocol/refresh-always.test.ts",
    "preview tells it and changes nothing; --expect-no-changes is about what was found",
  ],
  diff: PLANTED,
  debug: [UP, "the program's debug messages are for --debug"],
  parallel: [
    "protocol/concurrency.test.ts",
    "independent resources are made and deleted side by side, within the limit, and share saves",
  ],
  target: ["protocol/targets.test.ts", "only a target is updated; others stay as they are, and new ones are not made"],
  "target-dependents": [SELECTION, "what needs a target is updated with it, and what that needs is not"],
  exclude: [SELECTION, "all but what is excluded is updated"],
  "exclude-dependents": [SELECTION, "with --exclude-dependents what needs it is left alone too"],
  replace: [SELECTION, "replaces what is as wanted, and what needs it is told"],
  "target-replace": [SELECTION, "as --target-replace, of nothing else"],
  "continue-on-error": [
    "protocol/continue-on-error.test.ts",
    "what does not need the failed one is made, and what needs it is left alone; the next run makes it",
  ],
  message: [FLAGS, "--message is in the history"],
  "suppress-outputs": [FLAGS, "--suppress-outputs shows none"],
  "suppress-progress": [FLAGS, "--message is in the history"],
  "suppress-permalink": [FLAGS, "--message is in the history"],
  refresh: [
    "protocol/refresh-always.test.ts",
    "up puts right what was changed outside, and --refresh=false leaves it unseen",
  ],
  yes: [UP, "up --yes runs the program once, and previews nothing"],
  "skip-preview": PLANTED,
  "preview-only": [UP, "asked for, there is a preview alone; on a terminal there is one before the question"],
  config: [UP, "up --yes runs the program once, and previews nothing"],
  remove: [OPTIONS, "destroy --remove takes away the stack's own config file, not the one that --config-file names"],
  "clear-pending-creates": [
    "protocol/killed.test.ts",
    "by SIGKILL, at each step's begin and end and between the steps: the next one finishes",
  ],
  path: [CONFIG, "structures by path"],
  secret: [CONFIG, "a secret is encrypted, shown on demand only, and brings its salt into the file"],
  plaintext: [CONFIG, "set-all"],
  raw: [CONFIG, "a value is read from what is piped in, or asked for"],
  type: [CONFIG, "set-all"],
  "show-ids": [FLAGS, "stack --show-ids --show-urns"],
  "show-urns": [FLAGS, "stack --show-ids --show-urns"],
  "show-name": [STACK, "a stack is made, selected, listed and removed"],
  "no-select": [STACK, "a stack is made, selected, listed and removed"],
  "secrets-provider": [STACK, "the passphrase is made once and opens what was encrypted"],
  create: [STACK, "the passphrase is made once and opens what was encrypted"],
  all: [FLAGS, "stack ls --all names other projects' stacks, and stack rm --remove-backups leaves nothing"],
  force: [STACK, "rm asks for the name, and refuses while there are resources"],
  "preserve-config": [STACK, "rm asks for the name, and refuses while there are resources"],
  "remove-backups": [
    FLAGS,
    "stack ls --all names other projects' stacks, and stack rm --remove-backups leaves nothing",
  ],
  shell: [STACK, "outputs, secrets only on demand"],
  file: [STACK, "export and import carry everything, secrets readable or not"],
  "ignore-parent-edges": GRAPH,
  "ignore-dependency-edges": GRAPH,
  "dependency-edge-color": GRAPH,
  "parent-edge-color": GRAPH,
  "short-node-name": GRAPH,
  "dot-fragment": GRAPH,
  output: ["unit/commands/history.test.ts", "as JSON, with secrets only when they are asked for"],
  "full-dates": HISTORY,
  page: HISTORY,
  "page-size": HISTORY,
  cwd: [STACK, "outside a project"],
  stack: [CONFIG, "set-all"],
  "config-file": [CONFIG, "another config file can be named"],
  "non-interactive": INTERACTIVE,
  color: INTERACTIVE,
  help: [OPTIONS, "help and version in other words"],
};

const REFUSED: Held = [
  "unit/commands/cli-facts.test.ts",
  "a variable that would change what is done is refused by name: %s",
];

/** Variables that are heeded or refused; every other one is {@link MOOT}. */
export const VARIABLE_TESTS: Readonly<Record<string, Held>> = {
  CI: INTERACTIVE,
  NO_COLOR: INTERACTIVE,
  TERM: INTERACTIVE,
  PULUMI_BACKEND_URL: [
    "unit/workspace/workspace.test.ts",
    "the state lies beside Pulumi.yaml, or where PULUMI_BACKEND_URL says",
  ],
  PULUMI_CONFIG: [UP, "up --yes runs the program once, and previews nothing"],
  PULUMI_CONFIG_SECRET_KEYS: PLANTED,
  PULUMI_CONFIG_PASSPHRASE: [FIELDS, "a StackReference to a stack of another passphrase gives its plain outputs"],
  PULUMI_CONFIG_PASSPHRASE_FILE: [STACK, "the passphrase is made once and opens what was encrypted"],
  PULUMI_DISABLE_CI_DETECTION: INTERACTIVE,
  PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: [
    FLAGS,
    "stack ls --all names other projects' stacks, and stack rm --remove-backups leaves nothing",
  ],
  PULUMI_HOME: [
    "unit/workspace/workspace.test.ts",
    "the selected stack is remembered per backend, where the CLI looks",
  ],
  PULUMI_NODEJS_TRANSPILE_ONLY: ["protocol/types.test.ts", "PULUMI_NODEJS_TRANSPILE_ONLY=true checks nothing"],
  PULUMI_NODEJS_TSCONFIG_PATH: ["unit/commands/cli-facts.test.ts", "what the program's environment says to the SDK"],
  PULUMI_NODEJS_TYPESCRIPT: ["unit/commands/cli-facts.test.ts", "what the program's environment says to the SDK"],
  PULUMI_OTEL_EXPORTER_OTLP_ENDPOINT: [
    "unit/commands/cli-facts.test.ts",
    "what the program's environment says to the SDK",
  ],
  PULUMI_OPTION_: [OPTIONS, "a variable sets what the line does not, and adds to its lists"],
  PULUMI_PARALLEL: ["unit/commands/cli-facts.test.ts", "PULUMI_PARALLEL must be a number"],
  PULUMI_SKIP_CONFIRMATIONS: ["unit/commands/cli-facts.test.ts", "PULUMI_SKIP_CONFIRMATIONS says yes"],
  PULUMI_STACK: ["unit/workspace/workspace.test.ts", "PULUMI_STACK wins over the selection"],
  PULUMI_CONTINUE_ON_ERROR: [
    "unit/commands/run-options.test.ts",
    "PULUMI_CONTINUE_ON_ERROR is for up and destroy, and the flag goes before it",
  ],
  PULUMI_DEBUG_LANGUAGES: REFUSED,
  PULUMI_DEBUG_PROVIDERS: REFUSED,
  PULUMI_DISABLE_OUTPUT_VALUES: REFUSED,
  PULUMI_DISABLE_PROVIDER_PREVIEW: REFUSED,
  PULUMI_DISABLE_RESOURCE_REFERENCES: REFUSED,
  PULUMI_DIY_BACKEND_GZIP: REFUSED,
  PULUMI_DIY_BACKEND_LEGACY_LAYOUT: REFUSED,
  PULUMI_DIY_BACKEND_RETAIN_CHECKPOINTS: REFUSED,
  PULUMI_DIY_BACKEND_ZSTD: REFUSED,
  PULUMI_ENABLE_LEGACY_DIFF: REFUSED,
  PULUMI_ENABLE_LEGACY_REFRESH_DIFF: REFUSED,
  PULUMI_ENABLE_STREAMING_JSON_PREVIEW: REFUSED,
  PULUMI_EXPERIMENTAL: REFUSED,
  PULUMI_LANGUAGE_NODEJS_RUN_PATH: REFUSED,
  PULUMI_LEGACY_PROVIDER_PREVIEW: REFUSED,
  PULUMI_RUN_PROGRAM: REFUSED,
};

export const REFUSED_VARIABLES = Object.keys(VARIABLE_TESTS).filter((name) => VARIABLE_TESTS[name] === REFUSED);

/**
 * Of parts that this engine does not have (Pulumi's cloud and its sign-in, templates, plugins' downloads, policies, traces, logs, what CI
 * systems say of a build, other languages), or that it has for good (secrets of the state as a fallback, backups): a test sets them all.
 */
export const MOOT = facts.variables.filter((name) => !Object.hasOwn(VARIABLE_TESTS, name));
export const MOOT_TEST = NO_ACCOUNT;
