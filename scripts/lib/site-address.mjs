// Where a stack's site is published on this host, and whether it serves there.
import { request } from "node:http";
import { roleLabel, stackLabel } from "./labels.mjs";
import { must } from "./run.mjs";

/** { host, port } of the address that nginx is published on; undefined where the stack has no nginx. */
export async function publishedAt(stack) {
  const labels = [`${stackLabel}=${stack}`, `${roleLabel}=nginx`].flatMap((label) => ["--filter", `label=${label}`]);
  const ids = (await must("docker", ["container", "ls", "--all", "--quiet", ...labels])).stdout.split("\n");
  if (!ids[0]) return undefined;
  const format = "{{json .HostConfig.PortBindings}}";
  const { stdout } = await must("docker", ["container", "inspect", "--format", format, ids[0]]);
  return firstBinding(JSON.parse(stdout));
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
