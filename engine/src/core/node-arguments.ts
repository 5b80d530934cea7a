/** Arguments of Node for the processes that this engine starts: what is to happen in them before their own first line. */

/** Runs pieces of code, in one module, before the program. */
const first = (...pieces: string[]): string[] => [
  "--import",
  `data:text/javascript,${encodeURIComponent(pieces.join("\n"))}`,
];

/**
 * Ends a process soon after the one that started it. Children run in process groups of their own, so nothing else ends them when this
 * process is killed outright.
 */
const EXIT_WITH_PARENT = `
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.exit(1), 500).unref();`;

/**
 * The SDK formats every uncaught error in colour. On Node 20.20 util.inspect then loops on a stack frame such as
 * `node_modules/@pulumi/resource.ts:1598`, which source maps make, until a string of 512 MiB stops it: 20 s for each error.
 * Without colour it never looks there.
 */
const ERRORS_WITHOUT_COLOUR = `
  import util from "node:util";
  const { inspect } = util;
  util.inspect = Object.assign(
    (value, options, ...more) =>
      inspect(value, value instanceof Error && options?.colors ? { ...options, colors: false } : options, ...more),
    inspect,
  );`;

/**
 * The SDK keeps a stack of every promise, to show it with PULUMI_DEBUG_PROMISE_LEAKS, and maps each to its sources as it does so: a third
 * of what a run with nothing to do costs. Only those stacks stay unmapped.
 */
const PROMISES_WITHOUT_STACK = `
  let prepare;
  const unlessOfPromise = (error, frames) =>
    frames[0]?.getFunctionName() === "debuggablePromise" ? String(error) : prepare(error, frames);
  Object.defineProperty(Error, "prepareStackTrace", {
    configurable: true,
    get: () => prepare && unlessOfPromise,
    set: (value) => (prepare = value === unlessOfPromise ? prepare : value),
  });`;

/** The SDK loads npm's whole dependency resolver, and uses it only to ship a function with its packages to a cloud. */
const RESOLVER_WHEN_NEEDED = `
  import Module from "node:module";
  const load = Module._load;
  Module._load = function (request, ...more) {
    if (request !== "@npmcli/arborist") return load.call(this, request, ...more);
    return { __esModule: true, get Arborist() { return load.call(Module, request, ...more).Arborist; } };
  };`;

/** For the program. */
export const programArguments = first(
  EXIT_WITH_PARENT,
  ERRORS_WITHOUT_COLOUR,
  RESOLVER_WHEN_NEEDED,
  ...(process.env.PULUMI_DEBUG_PROMISE_LEAKS ? [] : [PROMISES_WITHOUT_STACK]),
);

/** For a provider of the program's own, which loads the SDK as well. */
export const dynamicProviderArguments = first(EXIT_WITH_PARENT, RESOLVER_WHEN_NEEDED);
