/** What the daemon says when a container does not start, in terms of the program. */
import type { JsonObject } from "../../provider";
import { number, objects, text } from "../value";

const TAKEN = /port is already allocated|address already in use|bind for/i;

export function startFailure(name: string, inputs: JsonObject, message: string): string {
  if (!TAKEN.test(message)) return `container ${name} cannot be started: ${message}`;
  const address = /(?:Bind for|listen \w+|tcp4?|udp4?) ?((?:\d{1,3}\.){3}\d{1,3}|\[[0-9a-fA-F:]+\]):(\d+)/i.exec(
    message,
  );
  const taken = objects(inputs, "ports").filter((port) => number(port, "external") === Number(address?.[2]));
  const ports = (taken.length > 0 ? taken : objects(inputs, "ports")).map(
    (port) =>
      `${text(port, "ip") || "0.0.0.0"}:${number(port, "external") || "any"} (its port ${number(port, "internal")}/${text(port, "protocol") || "tcp"})`,
  );
  return (
    `container ${name} cannot be started: ${ports.join(", ")} is taken on this host. ` +
    `Free it, or choose another port or address. The container was removed again. Docker says: ${message}`
  );
}
