/** The number of replicas of a deployment: the configured one or, with `autoscale`, the one that the stack last ran. */
import * as pulumi from "@pulumi/pulumi";
import { type AutoscaleSettings, clamp, MAX_REPLICAS, readAutoscale, REPLICAS_VARIABLE } from "./autoscale";
import type { ConfigReader } from "./reader";
import { refusal } from "./refusal";

export const REPLICA_KEYS = ["wordpressReplicas", "autoscale"] as const;

export interface ReplicaSettings {
  wordpressReplicas: number;
  /** Absent: wordpressReplicas applies. */
  autoscale?: AutoscaleSettings;
}

/** As Pulumi.yaml declares it. */
const DEFAULT_REPLICAS = 2;

export function readReplicas(config: ConfigReader): ReplicaSettings {
  const wordpressReplicas = config.integer("wordpressReplicas", 1, MAX_REPLICAS);
  const autoscale = readAutoscale(config.value("autoscale"), config.problem);
  // Pulumi passes defaults like set values, so an explicit 2 cannot be distinguished from the default (docs/decisions/0005).
  if (autoscale !== undefined && wordpressReplicas !== DEFAULT_REPLICAS) {
    config.problem(
      "wordpressReplicas",
      config.value("wordpressReplicas"),
      "nothing where autoscale is set, which chooses the number itself; remove one of the two: pulumi config rm wordpressReplicas, or pulumi config rm autoscale",
    );
  }
  return { wordpressReplicas, ...(autoscale && { autoscale }) };
}

/**
 * With `autoscale` the first of these that exists, clamped to its bounds: the autoscaler's number, the stack's last output `replicas`,
 * `min`. So an `up` by a person, or from another clone, keeps the autoscaler's choice. An `up` that fails half-way keeps it, too, because
 * outputs are written at the end of a deployment.
 * @throws pulumi.RunError when the variable is not a valid number of replicas
 */
export async function replicaCount({ autoscale, wordpressReplicas }: ReplicaSettings): Promise<number> {
  if (autoscale === undefined) return wordpressReplicas;
  const asked = process.env[REPLICAS_VARIABLE];
  if (asked !== undefined && asked !== "") {
    if (!/^[1-9]\d*$/.test(asked))
      throw refusal(`${REPLICAS_VARIABLE} is ${JSON.stringify(asked)}: a whole number from 1, or unset`);
    return clamp(Number(asked), autoscale);
  }
  const itself = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const last = await new pulumi.StackReference(itself).getOutputDetails("replicas");
  const replicas: unknown = last.value;
  return clamp(typeof replicas === "number" ? replicas : autoscale.min, autoscale);
}
