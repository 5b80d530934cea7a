import util from "node:util";

/**
 * The SDK formats every uncaught error in colour. On Node 20.20 util.inspect then loops on a stack frame such as
 * `node_modules/@pulumi/resource.ts:1598`, which source maps make, until a string of 512 MiB stops it: 20 s for each error.
 * Without colour it never looks there.
 */
export function errorsWithoutColour() {
  const { inspect } = util;
  util.inspect = Object.assign(
    (value, options, ...more) =>
      inspect(value, value instanceof Error && options?.colors ? { ...options, colors: false } : options, ...more),
    inspect,
  );
}
