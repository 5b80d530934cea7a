/** Arguments of Node for the processes that this engine starts. */

const evaluated = (code: string): string[] => ["--import", `data:text/javascript,${encodeURIComponent(code)}`];

/**
 * Ends a process soon after the one that started it. Children run in process groups of their own, so nothing else ends them when this
 * process is killed outright.
 */
export const exitWithParent = evaluated(
  "const parent = process.ppid; setInterval(() => process.ppid === parent || process.exit(1), 500).unref();",
);

/**
 * The SDK formats every uncaught error in colour. On Node 20.20 util.inspect then loops on a stack frame such as
 * `node_modules/@pulumi/resource.ts:1598`, which source maps make, until a string of 512 MiB stops it: 20 s for each error.
 * Without colour it never looks there.
 */
export const errorsWithoutColour = evaluated(
  `import util from "node:util";
   const { inspect } = util;
   util.inspect = Object.assign(
     (value, options, ...more) =>
       inspect(value, value instanceof Error && options?.colors ? { ...options, colors: false } : options, ...more),
     inspect,
   );`,
);
