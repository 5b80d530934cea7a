// What the SDK does at every run and nobody asked for.
import Module from "node:module";

/** Answers for a module in place of the loader, for `parent`; undefined: the loader is to. */
export function insteadOfLoading(answer) {
  const load = Module._load;
  Module._load = function (request, parent, ...more) {
    const loadIt = () => load.call(this, request, parent, ...more);
    return answer(request, loadIt, parent) ?? loadIt();
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

/** The SDK loads npm's whole dependency resolver, and uses it only to ship a function with its packages to a cloud. */
export function resolverWhenNeeded() {
  insteadOfLoading((request, load) => {
    if (request !== "@npmcli/arborist") return undefined;
    return {
      __esModule: true,
      get Arborist() {
        return load().Arborist;
      },
    };
  });
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

/** Several debug messages a resource are sent to the engine, each when the one before has been answered: 2 s for 500 resources. */
export function debugMessagesUnsent(log) {
  if (typeof log.debug !== "function" || typeof log.hasErrors !== "function") return false;
  log.debug = () => Promise.resolve();
  return true;
}
