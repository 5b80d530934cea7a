/**
 * Checks that existing containers with this stack's name belong to this stack: another checkout on this host may have deployed a stack
 * of that name, whose containers, networks and database would be mistaken for ours. See docs/decisions/0009.
 */
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { STACK_LABEL } from "../contract/labels";
import type { Host, Neighbour } from "./host";
import { refusal } from "./refusal";

/**
 * The containers that belong to another state: all with this stack's name, unless the state has at least one existing container or
 * network of that name. In that case all are ours: the ones that it lacks were left by a run that was killed. Pure.
 */
export function foreignContainers(neighbours: Neighbour[], stack: string, known: ReadonlySet<string>): Neighbour[] {
  const named = neighbours.filter((neighbour) => neighbour.stack === stack);
  return named.some(({ id }) => id !== undefined && known.has(id))
    ? []
    : named.filter(({ state }) => state !== undefined);
}

/** @throws pulumi.RunError that lists the containers and what to do, before the program declares anything that could conflict */
export async function checkOwnership({ neighbours }: Host): Promise<void> {
  const stack = pulumi.getStack();
  // The first resource in the state: an engine that has it can be queried about the state.
  const instance = new random.RandomId("instance", { byteLength: 8 });
  if (foreignContainers(neighbours, stack, new Set()).length === 0) return;
  const found = foreignContainers(neighbours, stack, await knownIds(instance));
  if (found.length > 0) throw refusal(message(stack, found, neighbours));
}

const KINDS = ["docker:index/network:Network", "docker:index/container:Container"];

/** The ids of the networks and containers in this stack's state after the last run, whether it finished or not. */
async function knownIds(instance: random.RandomId): Promise<Set<string>> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  // Missing in the SDK's declarations. False only in the preview of a state that does not have it yet.
  const { isKnown } = instance.hex as unknown as { isKnown: Promise<boolean> };
  if (!(await isKnown)) {
    // The CLI crashes when queried about a stack that was never updated. A stack with outputs was updated, by a release without `instance`.
    const last = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as { outputs?: object };
    if (Object.keys(last.outputs ?? {}).length === 0) return new Set();
  }
  const { outputs } = (await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName: name })) as {
    outputs: Record<string, { type: string; outputs: { id?: string } }>;
  };
  const ours = Object.values(outputs).filter(({ type }) => KINDS.includes(type));
  return new Set(ours.flatMap(({ outputs: { id } }) => (id === undefined ? [] : [id])));
}

function message(stack: string, found: Neighbour[], neighbours: Neighbour[]): string {
  const names = found.map(({ name }) => name).sort();
  const shown = names.length > 6 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
  const networks = neighbours.filter((one) => one.stack === stack && one.state === undefined).map(({ name }) => name);
  return [
    `a stack ${stack} is on this host already, deployed from another checkout or state: this state does not contain ${shown}. Nothing was changed. What you can do:`,
    `- continue in the checkout that deployed it, or destroy it there`,
    `- use its state here: export PULUMI_BACKEND_URL=file:///path/of/that/checkout/.state`,
    `- deploy a second site beside it: pulumi stack init NAME, with httpPort, consulPort and the three subnets of its own`,
    `- if its state is lost, remove its containers and networks (the data volumes stay): docker rm --force $(docker ps --all --quiet --filter label=${STACK_LABEL}=${stack})` +
      (networks.length > 0 ? ` && docker network rm ${networks.sort().join(" ")}` : ""),
  ].join("\n  ");
}
