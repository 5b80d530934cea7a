/**
 * Imported first: a signal that arrives before its handler is installed ends the process, and consul-template with it.
 * consul-template pokes with SIGHUP; SIGWINCH does the same, and is harmless even before this module has run.
 */
let poked: () => void = () => undefined;
const poke = () => poked();
process.on("SIGHUP", poke).on("SIGWINCH", poke);

/** Sets the handler of pokes. Earlier ones need not be remembered: the first pass checks everything. */
export function onPoke(handler: () => void): void {
  poked = handler;
}
