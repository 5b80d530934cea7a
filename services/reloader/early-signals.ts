/**
 * Imported first: a signal that comes before its handler stands ends the process, and consul-template with it.
 * consul-template pokes with SIGHUP; SIGWINCH does the same, and is harmless even before this line has run.
 */
let poked: () => void = () => undefined;
const poke = () => poked();
process.on("SIGHUP", poke).on("SIGWINCH", poke);

/** From now on a poke calls this. One that came earlier needs no memory: the first pass looks at everything. */
export function onPoke(handler: () => void): void {
  poked = handler;
}
