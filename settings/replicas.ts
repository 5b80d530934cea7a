/** How many replicas a deployment runs: what the configuration says or, with `autoscale`, what the stack last ran. */
import * as pulumi from "@pulumi/pulumi";
import { clamp, REPLICAS_VARIABLE } from "./autoscale";
import type { Settings } from "./settings";
import { refusal } from "./refusal";

/**
 * With `autoscale`, in this order, and always within its bounds: the autoscaler's number, the stack's own last output `replicas`, `min`.
 * So an `up` by a person, or from another clone, keeps what the autoscaler chose; and so does one that failed half way, since the
 * outputs are written at a deployment's end.
 * @throws pulumi.RunError when the variable holds no number of replicas
 */
export async function replicaCount({ autoscale, wordpressReplicas }: Settings): Promise<number> {
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
