// What the SDK does at every run and nobody asked for.
import Module from "node:module";
import { promisify } from "node:util";

const answers = [];

/** Answers for a module in place of the loader, for `parent`, when nobody did before; undefined: the loader is to. */
export function insteadOfLoading(answer) {
  answers.push(answer);
  if (answers.length > 1) return;
  const load = Module._load;
  // One function for all: each is a frame in the stacks of the program's errors.
  Module._load = function (request, parent, ...more) {
    const loadIt = () => load.call(this, request, parent, ...more);
    for (const each of answers) {
      const answered = each(request, loadIt, parent);
      if (answered !== undefined) return answered;
    }
    return loadIt();
  };
}

/** Changes the exports of the SDK's modules that are required by such a name, once each, as soon as they are complete. */
export function whenLoaded(request, change) {
  const changed = new Set();
  insteadOfLoading((wanted, load) => {
    if (!request.test(wanted)) return undefined;
    const exported = load();
    // A module that is still being loaded, in a circle, gets its turn when it is required next.
    if (!changed.has(exported) && change(exported)) changed.add(exported);
    return exported;
  });
}

/** What is loaded at every run, and by which file of the SDK, or of dockerode; `known`: what is asked of it at once. */
const SELDOM_NEEDED = [
  // To ship a function with its packages to a cloud.
  { module: /^@npmcli\/arborist$/, by: /[\\/]closure[\\/]codePaths\.js$/, known: { __esModule: true } },
  { module: /^normalize-package-data$/, by: /[\\/]closure[\\/]codePaths\.js$/, known: { __esModule: undefined } },
  { module: /^fdir$/, by: /[\\/]closure[\\/]codePaths\.js$/, known: {} },
  // For programs whose package is described by a package.yaml.
  { module: /^js-yaml$/, by: /[\\/]runtime[\\/]manifest\.js$/, known: { __esModule: true } },
  // For programs that run other programs.
  { module: /^\.\/automation$/, by: /[\\/]@pulumi[\\/]pulumi[\\/]index\.js$/, known: { __esModule: true } },
  // To send traces somewhere.
  { module: /^@opentelemetry\/(?!api$)/, by: /[\\/]cmd[\\/]run[\\/]tracing\.js$/, known: {} },
  // For Docker hosts behind ssh, and for builds by BuildKit.
  { module: /^\.\/ssh$/, by: /[\\/]docker-modem[\\/]lib[\\/]modem\.js$/, known: {} },
  { module: /^\.\/session$/, by: /[\\/]dockerode[\\/]lib[\\/]docker\.js$/, known: {} },
];

/** A third of what loading the SDK costs. */
export function loadSeldomNeededLate() {
  insteadOfLoading((request, load, parent) => {
    const found = SELDOM_NEEDED.find(({ module, by }) => module.test(request) && by.test(parent?.filename ?? ""));
    return found && standIn(load, found.known);
  });
}

/** Stands for something that is loaded as soon as anything is asked of it that is not in `known`. */
export function standIn(load, known) {
  let loaded;
  const real = () => (loaded ??= load());
  return new Proxy(() => undefined, {
    get: (_target, name) => (Object.hasOwn(known, name) ? known[name] : real()[name]),
    has: (_target, name) => Object.hasOwn(known, name) || name in real(),
    apply: (_target, self, args) => Reflect.apply(real(), self, args),
    construct: (_target, args) => Reflect.construct(real(), args),
    ownKeys: () => Reflect.ownKeys(real()),
    getOwnPropertyDescriptor: (_target, name) => {
      const found = Reflect.getOwnPropertyDescriptor(real(), name);
      return found && { ...found, configurable: true };
    },
  });
}

/** The SDK connects V8's debugger at every run, to serialise functions and to name their files in errors. Here it waits for a function. */
export function scriptsWhenAsked(hooks) {
  if (typeof hooks.isInitializedAsync !== "function") return false;
  const urls = new Map();
  let session;
  hooks.isInitializedAsync = () => Promise.resolve();
  hooks.getSessionAsync = () => (session ??= connectDebugger(urls));
  hooks.getScriptUrl = (id) => urls.get(id);
  return true;
}

async function connectDebugger(urls) {
  const { Session } = await import("node:inspector");
  const session = new Session();
  session.connect();
  session.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
  await promisify(session.post).call(session, "Debugger.enable");
  return session;
}

/** The SDK keeps a stack of every promise, to show it with PULUMI_DEBUG_PROMISE_LEAKS: a third of what a run with nothing to do costs. */
export function promisesWithoutStack(debuggable) {
  const { debuggablePromise } = debuggable;
  if (typeof debuggablePromise !== "function") return false;
  debuggable.debuggablePromise = (...args) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(...args);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
  return true;
}

/**
 * The SDK sends each resource's whole stack, every frame of it looked up in a source map, its own too. This engine keeps the first, where
 * the program made the resource.
 */
export function stacksOfOneFrame({ Resource }) {
  if (typeof Resource?.callsites !== "function" || typeof Resource.stackTrace !== "function") return false;
  const { stackTrace } = Resource;
  Resource.stackTrace = (skip) => {
    const { prepareStackTrace = plainStack } = Error;
    // Above what is to be skipped are two functions of the SDK's, and this one.
    Error.prepareStackTrace = (error, frames) => prepareStackTrace(error, frames.slice(skip + 2, skip + 3));
    try {
      return stackTrace.call(Resource, -1);
    } finally {
      Error.prepareStackTrace = prepareStackTrace === plainStack ? undefined : prepareStackTrace;
    }
  };
  return true;
}

const plainStack = (error, frames) => [error, ...frames.map((frame) => `    at ${frame}`)].join("\n");

/** Several debug messages a resource are sent to the engine, each when the one before has been answered: 2 s for 500 resources. */
export function debugMessagesUnsent(log) {
  if (typeof log.debug !== "function" || typeof log.hasErrors !== "function") return false;
  log.debug = () => Promise.resolve();
  return true;
}
