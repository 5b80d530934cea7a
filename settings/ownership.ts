/**
 * Whether the containers that carry this stack's name are this stack's: another checkout on this host may have deployed one of that name,
 * whose containers, networks and database would be taken for ours. See docs/decisions/0009.
 */
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { STACK_LABEL } from "../contract/labels";
import type { Host, Neighbour } from "./host";
import { refusal } from "./refusal";

/**
 * The containers of another state: those of this stack's name, when the state knows nothing of this name that is there. Where it knows a
 * network or a container, all are ours: those that it does not know were left by a run that was killed. Pure.
 */
export function strangers(neighbours: Neighbour[], stack: string, known: ReadonlySet<string>): Neighbour[] {
  const named = neighbours.filter((neighbour) => neighbour.stack === stack);
  return named.some(({ id }) => id !== undefined && known.has(id))
    ? []
    : named.filter(({ state }) => state !== undefined);
}

/** @throws pulumi.RunError that names the containers and the ways out, before the program declares anything that could meet them */
export async function checkOwnership({ neighbours }: Host): Promise<void> {
  const stack = pulumi.getStack();
  // In the state before anything else of the program: an engine that knows it has a state that can be asked.
  const instance = new random.RandomId("instance", { byteLength: 8 });
  if (strangers(neighbours, stack, new Set()).length === 0) return;
  const found = strangers(neighbours, stack, await knownIds(instance));
  if (found.length > 0) throw refusal(message(stack, found, neighbours));
}

const KINDS = ["docker:index/network:Network", "docker:index/container:Container"];

/** The ids of the networks and containers in this stack's state, as the last run left it, finished or not. */
async function knownIds(instance: random.RandomId): Promise<Set<string>> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  // The SDK's declarations leave it out. False only in the preview of a state that does not have it yet.
  const { isKnown } = instance.hex as unknown as { isKnown: Promise<boolean> };
  if (!(await isKnown)) {
    // Asked for the resources of a stack that was never updated, the CLI crashes. A stack with outputs was, by a release without `instance`.
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
    `a stack ${stack} is on this host already, deployed from another checkout or state: this state knows nothing of ${shown}. Nothing was changed. Ways out:`,
    `- go on from the checkout that deployed it, or destroy it there`,
    `- use its state here: export PULUMI_BACKEND_URL=file:///path/of/that/checkout/.state`,
    `- deploy a second site beside it: pulumi stack init NAME, with httpPort, consulPort and the three subnets of its own`,
    `- where its state is lost, remove what is there (the data volumes stay): docker rm --force $(docker ps --all --quiet --filter label=${STACK_LABEL}=${stack})` +
      (networks.length > 0 ? ` && docker network rm ${networks.sort().join(" ")}` : ""),
  ].join("\n  ");
}
