import type { NetworkRole } from "../contract/roles";
import type { ConfigReader } from "./reader";
import { overlap, type Subnet } from "./subnet";

export const NETWORK_KEYS = ["frontendSubnet", "backendSubnet", "controlSubnet"] as const;

export type NetworkSettings = Record<NetworkRole, Subnet>;

/** Containers other than replicas in a dynamic range: nginx, MySQL, the installer, the cron runner and their replacements. */
const OTHER_CONTAINERS = 8;

/**
 * @param mostReplicas the most replicas that may run at a time, except during an update
 * @returns undefined when one of the values is not a subnet
 */
export function readNetworks(config: ConfigReader, mostReplicas: number): NetworkSettings | undefined {
  const networks = {
    frontend: config.subnet("frontendSubnet"),
    backend: config.subnet("backendSubnet"),
    control: config.subnet("controlSubnet"),
  };
  const declared = Object.entries(networks).flatMap(([role, net]) => (net ? [{ key: `${role}Subnet`, net }] : []));
  declared.forEach((one, index) => {
    for (const other of declared.slice(index + 1)) {
      if (overlap(one.net, other.net))
        config.problem(other.key, other.net.cidr, `a subnet that does not overlap ${one.key} (${one.net.cidr})`);
    }
    const replicas = one.key === "controlSubnet" ? 0 : 2 * mostReplicas;
    const needed = replicas + OTHER_CONTAINERS;
    if (Number.isInteger(mostReplicas) && one.net.dynamicAddresses < needed) {
      config.problem(
        one.key,
        one.net.cidr,
        `a subnet whose upper half holds ${needed} addresses (two sets of ${mostReplicas} replicas during an update, and ${OTHER_CONTAINERS} others); this one holds ${one.net.dynamicAddresses}`,
      );
    }
  });
  const { frontend, backend, control } = networks;
  return frontend && backend && control ? { frontend, backend, control } : undefined;
}
