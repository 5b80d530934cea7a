// A host behind an HTTP proxy. Nothing here names one: it is what the environment has.

const names = ["http_proxy", "https_proxy", "no_proxy", "all_proxy"];

/** What is set in one case, in the other too: apt and debootstrap's wget read lower case alone, others upper case. */
export function bothSpellings(env) {
  const added = {};
  for (const lower of names) {
    const upper = lower.toUpperCase();
    if (env[lower] && env[upper] === undefined) added[upper] = env[lower];
    if (env[upper] && env[lower] === undefined) added[lower] = env[upper];
  }
  return added;
}

/**
 * Pulumi's program, engine and providers speak gRPC to each other on 127.0.0.1, which Node's gRPC would do through a proxy of the
 * environment, with either engine. The variable is its own, and takes the place of no_proxy.
 */
export function loopbackDirect(env) {
  const without = (env.no_grpc_proxy ?? env.no_proxy ?? "").split(",").filter((host) => host.trim() !== "");
  return without.includes("127.0.0.1") ? {} : { no_grpc_proxy: [...without, "127.0.0.1"].join(",") };
}
