import type { Step } from "./plan";

/**
 * Applies the steps of each service in order, different services in parallel, and the stop intents last, because routing must
 * change first. A failed step skips only the rest of its service's steps; the first error is thrown at the end.
 */
export async function applySteps(steps: Step[], apply: (step: Step) => Promise<void>): Promise<void> {
  const queues = new Map<string, Step[]>();
  const intents: Step[] = [];
  for (const step of steps) {
    if (step.kind === "store-intent" || step.kind === "clear-intent") {
      intents.push(step);
      continue;
    }
    const serviceId = step.kind === "register" ? step.registration.id : step.serviceId;
    queues.set(serviceId, [...(queues.get(serviceId) ?? []), step]);
  }
  const errors: unknown[] = [];
  const inOrder = async (queue: Step[]) => {
    try {
      for (const step of queue) await apply(step);
    } catch (error) {
      errors.push(error);
    }
  };
  await Promise.all([...queues.values()].map(inOrder));
  await Promise.all(intents.map((step) => inOrder([step])));
  if (errors.length > 0) throw new Error(`${errors.length} of ${steps.length} steps failed`, { cause: errors[0] });
}
