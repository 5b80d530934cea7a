// Where a stack's site is published on this host, and whether it serves there.
import { request } from "node:http";
import { run } from "./run.mjs";

/** { host, port } of the address that a container is published on; undefined where Docker does not have it. */
export async function publishedAt(container) {
  const args = ["container", "inspect", "--format", "{{json .HostConfig.PortBindings}}", container];
  const { code, stdout } = await run("docker", args);
  return code === 0 ? firstBinding(JSON.parse(stdout)) : undefined;
}

/** Of Docker's PortBindings, { "8080/tcp": [{ HostIp, HostPort }] }: an address that means "all of them" is asked at the loopback one. */
export function firstBinding(bindings) {
  const [first] = Object.values(bindings ?? {}).flat();
  if (!first) return undefined;
  const all = { "": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1" };
  return { host: all[first.HostIp] ?? first.HostIp, port: Number(first.HostPort) };
}

/**
 * Whether the site serves at that address, asked by its own name: the name need not have DNS on this machine, nor lead to it. A redirect
 * is an answer, and is not followed.
 */
export function serves(url, { host, port }) {
  const { host: name, pathname, search } = new URL(url);
  return new Promise((resolve) => {
    // a proxy of the environment plays no part: this is this host
    const options = { host, port, path: pathname + search, headers: { host: name }, timeout: 5_000, agent: false };
    request(options, (answer) => {
      answer.resume();
      resolve(answer.statusCode < 400);
    })
      .on("timeout", function () {
        this.destroy(new Error("no answer"));
      })
      .on("error", () => resolve(false))
      .end();
  });
}
